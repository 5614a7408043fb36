package dev.itprompt.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.itprompt.pickle.PickleReader;
import dev.itprompt.pickle.PickleValue;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Pickles that would run commands, or take more time or memory than their size allows, alone and in both formats of PyTorch. */
class HostilePicklesTest {

    /** What the commands would create. */
    private static final Path CANARY = Path.of(System.getProperty("java.io.tmpdir"),
            "itprompt-canary-" + ProcessHandle.current().pid());
    private static final String COMMAND = "touch " + CANARY;
    private static final int MANY = 100_000;
    private static final long MAX = Long.MAX_VALUE;

    private record Case(String name, byte[] pickle) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final List<Case> CASES = new ArrayList<>();

    static {
        commands();
        malformed();
        lengths();
        bombs();
        tensors();
        arrays();
    }

    private static void add(String name, Consumer<PickleWriter> pickle) {
        PickleWriter writer = new PickleWriter();
        pickle.accept(writer);
        CASES.add(new Case(name, writer.bytes()));
    }

    private static void open(String name, Consumer<PickleWriter> pickle) {
        PickleWriter writer = new PickleWriter();
        pickle.accept(writer);
        CASES.add(new Case(name, writer.open()));
    }

    private static void commands() {
        for (String[] f : new String[][] {{"os", "system"}, {"posix", "system"}, {"nt", "system"}, {"subprocess", "check_output"},
                {"subprocess", "Popen"}, {"java.lang.Runtime", "exec"}, {"commands", "getoutput"}, {"pty", "spawn"}}) {
            add(f[0] + "." + f[1] + " by REDUCE", p -> p.global(f[0], f[1]).text(COMMAND).op(0x85, "R"));
        }
        for (String f : List.of("eval", "exec", "compile", "__import__")) {
            add("builtins." + f, p -> p.global("builtins", f).text("__import__('os').system('" + COMMAND + "')").op(0x85, "R"));
        }
        add("Python 2's eval", p -> p.global("__builtin__", "eval").op("(S'open(\"" + CANARY + "\",\"w\")'\ntR"));
        add("INST", p -> p.op("(S'" + COMMAND + "'\nios\nsystem\n"));
        add("OBJ", p -> p.op("(").global("os", "system").text(COMMAND).op("o"));
        add("OBJ of nothing", p -> p.op("(o"));
        add("NEWOBJ", p -> p.global("os", "system").text(COMMAND).op(0x85, 0x81));
        add("NEWOBJ_EX", p -> p.global("subprocess", "Popen").text(COMMAND).op(0x85, "}").text("shell").op(0x88, "s", 0x92));
        add("STACK_GLOBAL", p -> p.op(0x80, 4).text("os").text("system").op(0x93).text(COMMAND).op(0x85, "R"));
        add("STACK_GLOBAL of numbers", p -> p.op(0x80, 4).number(1).number(2).op(0x93));
        add("dotted name of protocol 4", p -> p.op(0x80, 4).text("torch").text("os.system").op(0x93).text(COMMAND).op(0x85, "R"));
        add("getattr chain", p -> p.global("builtins", "getattr").global("builtins", "getattr").global("os", "path").text("os")
                .op(0x86, "R").text("system").op(0x86, "R").text(COMMAND).op(0x85, "R"));
        add("BUILD with __setstate__", p -> p.global("torch.nn", "Module").op(")", 0x81, "}").text("__setstate__")
                .global("os", "system").op("sb").text(COMMAND).op("b"));
        add("BUILD with __reduce__", p -> p.global("a", "B").op(")", 0x81, "}").text("__reduce__").global("os", "system")
                .op("sb"));
        add("BUILD of slots", p -> p.global("a", "B").op(")", 0x81, "N}").text("__class__").global("os", "system")
                .op("s", 0x86, "b"));
        add("BUILD of a number", p -> p.number(1).op("}b"));
        add("BUILD of a class", p -> p.global("os", "environ").op("}").text("PATH").text("/").op("sb"));
        add("items of a command", p -> p.global("os", "system").op(")R(").text(COMMAND).op("e(").text("a").text(COMMAND).op("u"));
        add("call of a call", p -> p.global("functools", "partial").global("os", "system").text(COMMAND).op(0x86, "R)R"));
        add("_rebuild_from_type_v2 of a command", p -> p.global("torch._tensor", "_rebuild_from_type_v2").op("(")
                .global("os", "system").global("a", "B").text(COMMAND).op(0x85, "}tR"));
        add("hooks of a tensor", p -> p.global("torch._utils", "_rebuild_tensor_v2").op("(").storage("0", 4).number(0).numbers(4)
                .numbers(1).op(0x89).global("os", "system").text(COMMAND).op(0x85, "RtR"));
        add("persistent id that calls", p -> p.global("os", "system").text(COMMAND).op(0x85, "RQ"));
        add("runpy by INST in a dictionary", p -> p.op("}").text("a").op("(").text(COMMAND).op("irunpy\nrun_path\ns"));
        add("torch.load in itself", p -> p.global("torch", "load").text(CANARY.toString()).op(0x85, "R"));
        add("codecs that decode a command", p -> p.global("_codecs", "decode").text(COMMAND).text("rot13").op(0x86, "R"));
    }

    private static void malformed() {
        open("nothing", p -> { });
        add("only the end", p -> { });
        open("no end", p -> p.op("]"));
        add("protocol 6", p -> p.op(0x80, 6, "N"));
        add("protocol 255", p -> p.op(0x80, 255, "N"));
        for (int code : new int[] {0x82, 0x83, 0x84, 0x97, 0x98, 0x00, 0x7f, 0xff, 0x99}) {
            add("opcode " + code, p -> p.op(code, 1, 0, 0, 0, "N"));
        }
        for (String ops : List.of("R", "a", "s", "e", "u", "t", "l", "d", "o", "b", "0", "1", "2", "Q", "(R", "N(R", "NN(a",
                "](s", "N(0.", "((((1", "N(", "NN", "(NNd", "(Nd", "}(NNNu", "]N0a", ")Na", "Nb", "q", "p1\n", "h\0", "gx\n",
                "g99999999999999999999\n", "p-1\n")) {
            add("stack of '" + ops.replace('\n', ' ').replace('\0', ' ') + "'", p -> p.op(ops));
        }
        add("pops across a mark", p -> p.op("N(00N"));
        add("tuple across a mark", p -> p.op("N(N", 0x87));
        add("list as key", p -> p.op("}]}s"));
        for (String line : List.of("I", "I1x\n", "Lx\n", "F1e\n", "F0x1p3\n", "Snope\n", "S'\n", "I\n", "F\n", "Vno end", "cos",
                "cos\n")) {
            add("line '" + line.strip() + "'", p -> p.op(line));
        }
    }

    private static void lengths() {
        for (int code : new int[] {'X', 'B', 'T', 0x8b, 'r', 'j'}) {
            for (long length : new long[] {0x7fffffffL, 0xffffffffL, 0x80000000L, 1000}) {
                open("opcode " + code + " of length " + length, p -> p.op(code).fixed(4, length));
            }
        }
        for (int code : new int[] {0x8d, 0x8e, 0x96, 0x95}) {
            for (long length : new long[] {MAX, -1, Long.MIN_VALUE, 1L << 32, 1000}) {
                open("opcode " + code + " of length " + length, p -> p.op(code).fixed(8, length));
            }
        }
        add("LONG of a million digits", p -> p.op("L" + "9".repeat(1_000_000) + "L\n"));
        add("INT of a million digits", p -> p.op("I" + "9".repeat(1_000_000) + "\n"));
        add("LONG4 of a million bytes", p -> p.op(0x8b).fixed(4, 1_000_000).op("x".repeat(1_000_000)));
        add("FLOAT of a million digits", p -> p.op("F" + "9".repeat(1_000_000) + "\n"));
    }

    private static void bombs() {
        add("billion laughs of lists", p -> p.op("]").put(0).times(60, i -> p.op("](").times(10, _ -> p.get(i)).op("e")
                .put(i + 1)));
        add("billion laughs of dictionaries", p -> p.op("}").put(0).times(60, i -> p.op("}(").times(10, k -> p.number(k).get(i))
                .op("u").put(i + 1)));
        add("billion laughs of ordered dictionaries", p -> p.op("]").put(0).times(40, i -> p.global("collections", "OrderedDict")
                .op("](").times(10, k -> p.number(k).get(i).op(0x86)).op("e", 0x85, "R").put(i + 1)));
        add("billion laughs of tensors", p -> p.tensor().put(0).times(60, i -> p.op("](").times(10, _ -> p.get(i)).op("e")
                .put(i + 1)));
        add("list that holds itself", p -> p.op("]").put(0).get(0).op("a"));
        add("dictionary that holds itself", p -> p.op("}").put(0).text("a").get(0).op("s"));
        add("dictionary with itself as key", p -> p.op("}").put(0).get(0).get(0).op("s"));
        add("tuple that holds itself", p -> p.op("]").put(0).op(0x85).put(1).op("0").get(0).get(1).op("a"));
        add("call with itself as argument", p -> p.global("torch._utils", "_rebuild_parameter").op("]").put(0).op("R").put(1)
                .op("0").get(0).get(1).op("a0").get(1));
        add("object with itself as state", p -> p.global("a", "B").op(")R").put(0).get(0).op(0x85, "b"));
        add("ordered dictionary of itself", p -> p.global("collections", "OrderedDict").op("]").put(0).op(0x85, "R").put(1)
                .op("0").get(0).text("a").get(1).op(0x86, "a0").get(1));
        add("lists nested deeply", p -> p.times(MANY, _ -> p.op("]")).times(MANY - 1, _ -> p.op("a")));
        add("tuples nested deeply", p -> p.op(")").times(MANY, _ -> p.op(0x85)));
        add("dictionaries nested deeply", p -> p.times(MANY, _ -> p.op("}N")).op("}").times(MANY, _ -> p.op("s")));
        add("persistent ids nested deeply", p -> p.op("N").times(MANY, _ -> p.op("Q")));
        add("parameters nested deeply", p -> p.op("N").put(0).times(10_000, _ -> p.global("torch._utils", "_rebuild_parameter")
                .put(1)).tensor().times(10_000, _ -> p.op(0x85, "R")));
        add("states nested deeply", p -> p.times(MANY, _ -> p.op("ca\nB\n)R")).times(MANY - 1, _ -> p.op(0x85, "b")));
        add("marks", p -> p.times(1_100_000, _ -> p.op("(")));
        add("a million dictionaries", p -> p.op("(").times(990_000, _ -> p.op("}")).op("l"));
        add("more than a million values", p -> p.op("(").times(1_100_000, _ -> p.op("N")).op("l"));
        add("half a million calls", p -> p.op("N").times(490_000, _ -> p.op("NR")));
        add("half a million memos", p -> p.op("N").times(490_000, _ -> p.op(0x94)));
        add("duplicates", p -> p.op("(]").times(900_000, _ -> p.op("2")).op("l"));
        add("one tensor under 100,000 long names", p -> p.tensor().put(0).op("0}(").times(MANY, i -> p.text("x".repeat(200) + i)
                .get(0)).op("u"));
        add("one tensor under a million names", p -> p.op("(").tensor().op("q\0").times(900_000, _ -> p.op("2")).op("l"));
        add("name of a million characters", p -> p.op("}").text("x".repeat(1_000_000)).tensor().op("s"));
        add("key of a million bytes in shared dictionaries", p -> p.op("}B").fixed(4, 1_000_000).op("x".repeat(1_000_000))
                .op("]sq", 0, "0(").times(MANY, _ -> p.op("h", 0)).op("l"));
        add("class name of a million characters, shared", p -> p.global("a", "x".repeat(1_000_000)).op(")Rq", 0, "0](")
                .times(MANY, _ ->
                p.op("h", 0)).op("e"));
        add("state of classes with long names", p -> p.global("a", "x".repeat(1_000_000)).op("q", 0, "0").global("a", "B")
                .op(")R(").times(MANY,
                _ -> p.op("h", 0)).op("tb"));
        add("list of no pairs in a shared ordered dictionary", p -> p.global("collections", "OrderedDict").op("(")
                .times(MANY, _ -> p.op("N")).op("l", 0x85, "Rq", 0, "0(").times(MANY, _ -> p.op("h", 0)).op("l"));
    }

    private static void tensors() {
        long[][][] layouts = {{{0}, {-4}, {1}}, {{0}, {MAX}, {1}}, {{0}, {MAX, MAX}, {1, 1}}, {{-1}, {4}, {1}}, {{MAX}, {4}, {1}},
                {{0}, {4}, {-1}},
            {{0}, {4}, {MAX}}, {{0}, {17}, {1}}, {{13}, {4}, {1}}, {{0}, {4, 4}, {1}}, {{0}, {1L << 40}, {0}}, {{0}, {1 << 20,
            1 << 20}, {0, 0}},
            {{0}, {1L << 62, 4}, {0, 0}}, {{0}, {0, MAX}, {MAX, MAX}}, {{0}, {Long.MIN_VALUE}, {1}}, {{0}, {16 << 20}, {0}},
            {{0}, new long[100], new long[100]}};
        for (long[][] layout : layouts) {
            add("tensor " + List.of(layout[0][0], layout[1][0], layout[2][0]) + " of " + layout[1].length + " axes",
                    p -> p.op("}").text("t").tensor(layout[0][0], layout[1], layout[2]).op("s"));
        }
        add("storage that is not there", p -> p.global("torch._utils", "_rebuild_tensor_v2").op("(").storage("../../0", 4)
                .number(0).numbers(4).numbers(1).op("tR"));
        add("storage that lies about its length", p -> p.global("torch._utils", "_rebuild_tensor_v2").op("(").storage("0", MAX)
                .number(0).numbers(1 << 20).numbers(1).op("tR"));
        for (String id : List.of("N", ")", "]", "(NNNNNt", "(VstorageN\nNNNNt", "}", "(NNV0\nNNNt", "(NNV0\nNN(K\u0001NNtt")) {
            add("persistent id " + id.strip(), p -> p.global("torch._utils", "_rebuild_tensor_v2").op("(" + id + "Q").number(0)
                    .numbers(4).numbers(1).op("tR"));
        }
        add("persistent id of protocol 0", p -> p.op("P" + COMMAND + "\n"));
        add("tensor of texts", p -> p.global("torch._utils", "_rebuild_tensor_v2").op("(").storage("0", 4).text("0").text("4")
                .op("NtR"));
        add("tensor without arguments", p -> p.global("torch._utils", "_rebuild_tensor_v2").op("NR"));
        add("function of a tensor aliased by the memo", p -> p.global("torch._utils", "_rebuild_tensor_v2").put(0).op("0")
                .global("os", "system").put(0).get(0).text(COMMAND).op(0x85, "R", 0x86));
        add("shape of a huge number", p -> p.global("torch._utils", "_rebuild_tensor_v2").op("(").storage("0", 4).number(0)
                .op("(", 0x8a, 200,
                "x".repeat(200), "t").numbers(1).op("tR"));
        add("shared tensor of the same name twice", p -> p.op("}").tensor().put(0).op("0(").text("1").get(0).number(1).get(0)
                .op("u"));
    }

    private static void arrays() {
        add("array of objects", p -> p.array("O8", 2).op("]").endArray());
        add("array that lies about its bytes", p -> p.array("f4", 1 << 20).op("C", 4, "abcd").endArray());
        add("array that overflows", p -> p.array("f4", MAX, MAX).op("0", 0x88, "C", 4, "abcd").endArray());
        add("array of negative extent", p -> p.array("f4", -1).op("C", 4, "abcd").endArray());
        add("array of another alphabet", p -> p.array("f4", 1).global("_codecs", "encode").text("\u20ac\u20ac\u20ac\u20ac")
                .text("latin1").op(0x86, "R").endArray());
        add("array with encode of a number", p -> p.array("f4", 1).global("_codecs", "encode").number(1).op(0x85, "R")
                .endArray());
        add("array without state", p -> p.global("numpy.core.multiarray", "_reconstruct").op(")R"));
        add("many arrays of one long text", p -> p.global("_codecs", "encode").text("x".repeat(1_000_000)).op(0x85, "Rq", 1, "0(")
                .times(2000, _ -> p.array("u1", 1).op("h", 1).endArray()).op("l"));
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void areInert(Case hostile) {
        byte[] pickle = hostile.pickle;
        Hostile.within(pickle.length, () -> {
            Storage storage = new Storage(64, 0, () -> MemorySegment.ofArray(new byte[64]));
            PickleValue value = new PickleReader(0, MemorySegment.ofArray(pickle), CheckpointException.faults(Hostile.FILE)).read();
            return new PickledTensors(Hostile.mapped(pickle), 0, pickle.length, (key, _) -> key.equals("0") ? storage : null)
                    .collect(value);
        });
        Hostile.open(RawZip.torch(pickle).bytes()).ifPresent(Hostile::use);
        Hostile.open(legacy(pickle)).ifPresent(Hostile::use);
        assertFalse(Files.exists(CANARY), "a command ran");
    }

    @Test
    void theFilesAroundThemAreReadable() {
        byte[] pickle = new PickleWriter().op("}").text("t").tensor().op("s").bytes();
        for (byte[] file : List.of(RawZip.torch(pickle).bytes(), legacy(pickle))) {
            assertEquals(4, Hostile.open(file).orElseThrow().tensor("t").load().shape().size());
        }
    }

    private static byte[] legacy(byte[] pickle) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(HexFormat.of().parseHex("80028a0a6cfc9c46f9206aa850192e"));
        out.writeBytes(new PickleWriter().number(1001).bytes());
        out.writeBytes(new PickleWriter().op("}").bytes());
        out.writeBytes(pickle);
        out.writeBytes(new PickleWriter().op("]").text("0").op("a").bytes());
        out.writeBytes(new PickleWriter().fixed(8, 16).open());
        out.writeBytes(new byte[64]);
        return out.toByteArray();
    }
}
