package org.innerkeep.bench;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.UUID;
import org.innerkeep.bench.inside.Reading;

/**
 * What gRPC carries: bytes as they are, and a reading as a protobuf message. Reading and writing are what generated code does for such a
 * message, without its message object between: a little less than a user of gRPC has.
 */
final class GrpcMethods {
    static final String SERVICE = "innerkeep.bench.Echo";
    static final MethodDescriptor<byte[], byte[]> BYTES = method("Bytes", new BytesMarshaller());
    static final MethodDescriptor<Reading, Reading> READING = method("Reading", new ReadingMarshaller());

    private GrpcMethods() {}

    private static <T> MethodDescriptor<T, T> method(String name, MethodDescriptor.Marshaller<T> marshaller) {
        return MethodDescriptor.newBuilder(marshaller, marshaller)
                .setType(MethodType.UNARY)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
                .build();
    }

    /** Says how long it is and writes itself at once, as gRPC's own streams of messages do. */
    private static final class Encoded extends ByteArrayInputStream implements KnownLength, Drainable {
        Encoded(byte[] bytes) {
            super(bytes);
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            int length = count - pos;
            target.write(buf, pos, length);
            pos = count;
            return length;
        }
    }

    private static byte[] content(InputStream message) {
        try {
            return message.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class BytesMarshaller implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new Encoded(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            return content(stream);
        }
    }

    private static final class ReadingMarshaller implements MethodDescriptor.Marshaller<Reading> {
        @Override
        public InputStream stream(Reading value) {
            return new Encoded(encode(value));
        }

        @Override
        public Reading parse(InputStream stream) {
            try {
                return decode(content(stream));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static byte[] encode(Reading value) {
        byte[] bytes = new byte[CodedOutputStream.computeFixed64Size(1, value.id().getMostSignificantBits())
                + CodedOutputStream.computeFixed64Size(2, value.id().getLeastSignificantBits())
                + CodedOutputStream.computeStringSize(3, value.name())
                + CodedOutputStream.computeStringSize(4, value.unit())
                + CodedOutputStream.computeInt64Size(5, value.at())
                + CodedOutputStream.computeDoubleSize(6, value.value())
                + CodedOutputStream.computeInt32Size(7, value.device())
                + CodedOutputStream.computeBoolSize(8, value.valid())
                + CodedOutputStream.computeStringSize(9, value.note())];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeFixed64(1, value.id().getMostSignificantBits());
            out.writeFixed64(2, value.id().getLeastSignificantBits());
            out.writeString(3, value.name());
            out.writeString(4, value.unit());
            out.writeInt64(5, value.at());
            out.writeDouble(6, value.value());
            out.writeInt32(7, value.device());
            out.writeBool(8, value.valid());
            out.writeString(9, value.note());
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes;
    }

    static Reading decode(byte[] bytes) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(bytes);
        long high = 0;
        long low = 0;
        String name = "";
        String unit = "";
        long at = 0;
        double value = 0;
        int device = 0;
        boolean valid = false;
        String note = "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case 1 -> high = in.readFixed64();
                case 2 -> low = in.readFixed64();
                case 3 -> name = in.readStringRequireUtf8();
                case 4 -> unit = in.readStringRequireUtf8();
                case 5 -> at = in.readInt64();
                case 6 -> value = in.readDouble();
                case 7 -> device = in.readInt32();
                case 8 -> valid = in.readBool();
                case 9 -> note = in.readStringRequireUtf8();
                default -> in.skipField(tag);
            }
        }
        return new Reading(new UUID(high, low), name, unit, at, value, device, valid, note);
    }
}
