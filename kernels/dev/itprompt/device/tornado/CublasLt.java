package dev.itprompt.device.tornado;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Matrix products by NVIDIA's cuBLASLt, as much of it as row-major float32 takes: D = factor·op(A)·op(B) + bias + C, or a batch of them.
 * How a product is done is chosen once for its shape. Names of constants are those of {@code cublasLt.h}, version 13 (12 has the same).
 */
final class CublasLt implements AutoCloseable {

    /** Bytes of scratch memory that products may use. */
    static final int WORKSPACE = 32 << 20;
    /** The most that the library's kernels ask of addresses, in bytes. */
    private static final int ALIGNMENT = 16;
    /** What the library demands of scratch memory, in bytes; the part before the first multiple is left out. */
    private static final int WORKSPACE_ALIGNMENT = 256;
    private static final long USABLE = WORKSPACE - WORKSPACE_ALIGNMENT;

    private static final List<String> LIBRARIES =
            List.of("libcublasLt.so.13", "libcublasLt.so.12", "cublasLt64_13.dll", "cublasLt64_12.dll");
    private static final int CUDA_R_32F = 0;
    private static final int TRANSA = 3;
    private static final int TRANSB = 4;
    private static final int EPILOGUE = 7;
    private static final int BIAS_POINTER = 8;
    private static final int EPILOGUE_BIAS = 4;
    private static final int BATCH_COUNT = 5;
    private static final int STRIDED_BATCH_OFFSET = 6;
    private static final int PREF_MAX_WORKSPACE_BYTES = 1;
    private static final int PREF_MIN_ALIGNMENT_A_BYTES = 5;
    /** {@code cublasLtMatmulHeuristicResult_t}: 64 bytes of algorithm, size_t, status, float, 4 int. */
    private static final long HEURISTIC_RESULT = 96;
    private static final long HEURISTIC_STATE = 72;

    private static final AddressLayout POINTER = ValueLayout.ADDRESS;
    private static final MemoryLayout INT = ValueLayout.JAVA_INT;
    private static final MemoryLayout LONG = ValueLayout.JAVA_LONG;

    private static Map<String, MethodHandle> functions;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment handle;
    private final int computeType;
    private final MethodHandle matmul;
    private final Map<Key, Plan> plans = new HashMap<>();

    /**
     * What a plan depends on.
     *
     * @param m      rows of D
     * @param n      columns of D
     * @param ldA    from one row of A, as it lies in memory, to the next
     * @param batch  how many such products are done at once
     * @param nextA  from A to the next one of the batch
     * @param added  whether there is a C, which lies like D
     */
    record Product(int m, int n, int k, boolean transposeA, boolean transposeB, int ldA, int ldB, int ldD, int batch, long nextA,
            long nextB, long nextD, boolean bias, boolean added) {}

    /** @param alignment of all operands, in bytes: a kernel that needs more is refused */
    private record Key(Product product, int alignment) {}

    private record Plan(MemorySegment operation, MemorySegment a, MemorySegment b, MemorySegment d, MemorySegment algorithm) {}

    /**
     * Loads the library.
     *
     * @param computeType a {@code cublasComputeType_t}
     * @throws TornadoException if it is not there, saying what to install
     */
    CublasLt(int computeType) {
        this.computeType = computeType;
        load();
        MemorySegment created = arena.allocate(POINTER);
        call("cublasLtCreate", created);
        this.handle = created.get(POINTER, 0);
        this.matmul = functions.get("cublasLtMatmul");
    }

    private static synchronized void load() {
        if (functions != null) {
            return;
        }
        SymbolLookup lookup = LIBRARIES.stream().flatMap(name -> {
            try {
                return Stream.of(SymbolLookup.libraryLookup(name, Arena.global()));
            } catch (IllegalArgumentException e) { // not here
                return Stream.empty();
            }
        }).findFirst().orElseThrow(() -> new TornadoException("this precision needs cuBLAS, and " + LIBRARIES.getFirst()
                + " is not on the library path: install CUDA's libcublas and set LD_LIBRARY_PATH to its folder, or leave out the precision",
                null));
        Map<String, MethodHandle> found = new HashMap<>();
        Map.of("cublasLtCreate", List.of(POINTER),
                "cublasLtMatrixLayoutSetAttribute", List.of(POINTER, INT, POINTER, LONG),
                "cublasLtDestroy", List.of(POINTER),
                "cublasLtMatmulDescCreate", List.of(POINTER, INT, INT),
                "cublasLtMatmulDescSetAttribute", List.of(POINTER, INT, POINTER, LONG),
                "cublasLtMatrixLayoutCreate", List.of(POINTER, INT, LONG, LONG, LONG),
                "cublasLtMatmulPreferenceCreate", List.of(POINTER),
                "cublasLtMatmulPreferenceSetAttribute", List.of(POINTER, INT, POINTER, LONG),
                "cublasLtMatmulAlgoGetHeuristic", List.of(POINTER, POINTER, POINTER, POINTER, POINTER, POINTER, POINTER, INT, POINTER,
                        POINTER),
                "cublasLtMatmul", List.of(POINTER, POINTER, POINTER, POINTER, POINTER, POINTER, POINTER, POINTER, POINTER, POINTER, POINTER,
                        POINTER, POINTER, POINTER, LONG, POINTER))
                .forEach((name, parameters) -> found.put(name, Linker.nativeLinker().downcallHandle(lookup.find(name).orElseThrow(),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, parameters.toArray(MemoryLayout[]::new)))));
        functions = found;
    }

    private static void call(String function, Object... arguments) {
        int status;
        try {
            status = (int) functions.get(function).invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new AssertionError(function, e);
        }
        check(function, status);
    }

    private static void check(String function, int status) {
        if (status != 0) {
            throw new TornadoException(function + " returned status " + status, null);
        }
    }

    /**
     * Enqueues a product. All addresses are the device's.
     *
     * @param factor    of A·B
     * @param bias      row of n values; 0 if there is none
     * @param c         what is added; 0 if nothing is
     * @param workspace {@value #WORKSPACE} bytes
     */
    void multiply(Product product, float factor, long a, long b, long bias, long c, long d, long workspace, long stream) {
        int alignment = (int) Math.min(ALIGNMENT, Long.lowestOneBit(a | b | bias | c | d | ALIGNMENT));
        Plan plan = plans.computeIfAbsent(new Key(product, alignment), this::plan);
        try (Arena local = Arena.ofConfined()) {
            if (product.bias) {
                set("cublasLtMatmulDescSetAttribute", plan.operation, BIAS_POINTER, local.allocateFrom(ValueLayout.JAVA_LONG, bias));
            }
            MemorySegment alpha = local.allocateFrom(ValueLayout.JAVA_FLOAT, factor);
            MemorySegment beta = local.allocateFrom(ValueLayout.JAVA_FLOAT, product.added ? 1f : 0f);
            // The library's matrices are column-major: it sees D, A and B transposed, and computes D' = op(B)'·op(A)'.
            long usable = Math.ceilDiv(workspace, WORKSPACE_ALIGNMENT) * WORKSPACE_ALIGNMENT;
            check("cublasLtMatmul", (int) matmul.invokeExact(handle, plan.operation, alpha, address(b), plan.b, address(a), plan.a,
                    beta, address(product.added ? c : d), plan.d, address(d), plan.d, plan.algorithm, address(usable), USABLE,
                    address(stream)));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) { // invokeExact's signature
            throw new AssertionError(e);
        }
    }

    private static MemorySegment address(long at) {
        return MemorySegment.ofAddress(at);
    }

    private Plan plan(Key key) {
        Product product = key.product;
        try (Arena local = Arena.ofConfined()) {
            MemorySegment out = local.allocate(POINTER);
            call("cublasLtMatmulDescCreate", out, computeType, CUDA_R_32F);
            MemorySegment operation = out.get(POINTER, 0);
            set("cublasLtMatmulDescSetAttribute", operation, TRANSA, integer(local, product.transposeB ? 1 : 0));
            set("cublasLtMatmulDescSetAttribute", operation, TRANSB, integer(local, product.transposeA ? 1 : 0));
            if (product.bias) {
                set("cublasLtMatmulDescSetAttribute", operation, EPILOGUE, integer(local, EPILOGUE_BIAS));
                set("cublasLtMatmulDescSetAttribute", operation, BIAS_POINTER, // tells how biases are aligned
                        local.allocateFrom(ValueLayout.JAVA_LONG, key.alignment));
            }
            MemorySegment b = product.transposeB ? layout(local, product.k, product.n, product.ldB, product.batch, product.nextB)
                    : layout(local, product.n, product.k, product.ldB, product.batch, product.nextB);
            MemorySegment a = product.transposeA ? layout(local, product.m, product.k, product.ldA, product.batch, product.nextA)
                    : layout(local, product.k, product.m, product.ldA, product.batch, product.nextA);
            MemorySegment d = layout(local, product.n, product.m, product.ldD, product.batch, product.nextD);
            call("cublasLtMatmulPreferenceCreate", out);
            MemorySegment preference = out.get(POINTER, 0);
            set("cublasLtMatmulPreferenceSetAttribute", preference, PREF_MAX_WORKSPACE_BYTES,
                    local.allocateFrom(ValueLayout.JAVA_LONG, USABLE));
            for (int operand = 0; operand < 4; operand++) {
                set("cublasLtMatmulPreferenceSetAttribute", preference, PREF_MIN_ALIGNMENT_A_BYTES + operand, integer(local, key.alignment));
            }
            MemorySegment algorithm = arena.allocate(HEURISTIC_RESULT, Long.BYTES);
            MemorySegment count = integer(local, 0);
            call("cublasLtMatmulAlgoGetHeuristic", handle, operation, b, a, d, d, preference, 1, algorithm, count);
            int state = algorithm.get(ValueLayout.JAVA_INT, HEURISTIC_STATE);
            if (count.get(ValueLayout.JAVA_INT, 0) < 1 || state != 0) {
                throw new TornadoException("cuBLAS has no way to compute " + product + " (status " + state + ")", null);
            }
            return new Plan(operation, a, b, d, algorithm);
        }
    }

    private static MemorySegment integer(Arena arena, int value) {
        return arena.allocateFrom(ValueLayout.JAVA_INT, value);
    }

    private static MemorySegment layout(Arena local, long rows, long columns, long ld, int batch, long next) {
        MemorySegment out = local.allocate(POINTER);
        call("cublasLtMatrixLayoutCreate", out, CUDA_R_32F, rows, columns, ld);
        MemorySegment layout = out.get(POINTER, 0);
        set("cublasLtMatrixLayoutSetAttribute", layout, BATCH_COUNT, integer(local, batch));
        set("cublasLtMatrixLayoutSetAttribute", layout, STRIDED_BATCH_OFFSET, local.allocateFrom(ValueLayout.JAVA_LONG, next));
        return layout;
    }

    private static void set(String function, MemorySegment object, int attribute, MemorySegment value) {
        call(function, object, attribute, value, value.byteSize());
    }

    /** Gives back the library's handle; its descriptions of products are small and end with the process. */
    @Override
    public void close() {
        call("cublasLtDestroy", handle);
        arena.close();
    }
}
