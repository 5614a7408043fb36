import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Brings classes of a jar that were compiled for Java 5 to the class file version of Java 8, with the stack maps that it asks for. The JDK's
 * ahead-of-time cache leaves older ones out (they are verified another way), and a library that every command begins with would be
 * parsed and verified at each start. What the classes do stays as it is.
 *
 * <p>{@code java NewClassFiles.java JAR PREFIX}: the jar, which is written again, and what the names of the classes begin with.
 */
final class NewClassFiles {

    private static final int JAVA_6 = 50;
    private static final int JAVA_8 = 52;

    private final ZipFile jar;
    private final ClassFile classes;

    private NewClassFiles(ZipFile jar) {
        this.jar = jar;
        ClassHierarchyResolver resolver = ClassHierarchyResolver.ofResourceParsing(type -> open(type.descriptorString()))
                .orElse(ClassHierarchyResolver.defaultResolver());
        this.classes = ClassFile.of(ClassFile.StackMapsOption.GENERATE_STACK_MAPS, ClassFile.ClassHierarchyResolverOption.of(resolver));
    }

    public static void main(String[] words) throws IOException {
        Path file = Path.of(words[0]);
        Path fresh = Path.of(words[0] + ".new");
        try (ZipFile jar = new ZipFile(file.toFile()); ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(fresh))) {
            NewClassFiles classes = new NewClassFiles(jar);
            for (ZipEntry entry : Collections.list(jar.entries())) {
                String name = entry.getName();
                byte[] bytes = jar.getInputStream(entry).readAllBytes();
                ZipEntry written = new ZipEntry(name);
                written.setTime(entry.getTime());
                out.putNextEntry(written);
                out.write(name.startsWith(words[1]) && name.endsWith(".class") ? classes.renewed(bytes) : bytes);
            }
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private byte[] renewed(byte[] bytes) {
        ClassModel old = classes.parse(bytes);
        if (old.majorVersion() >= JAVA_6) {
            return bytes;
        }
        ClassTransform version = (builder, element) -> {
            if (element instanceof ClassFileVersion) {
                builder.withVersion(JAVA_8, 0);
            } else {
                builder.with(element);
            }
        };
        return classes.transformClass(old, version.andThen(ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL)));
    }

    /** The class file of a type of the jar, null if it is none of its. */
    private InputStream open(String descriptor) {
        ZipEntry entry = jar.getEntry(descriptor.substring(1, descriptor.length() - 1) + ".class");
        try {
            return entry == null ? null : jar.getInputStream(entry);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
