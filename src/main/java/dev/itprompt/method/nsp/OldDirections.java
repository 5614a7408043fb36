package dev.itprompt.method.nsp;

import dev.itprompt.Progress;
import dev.itprompt.device.Executable;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.Learner;
import dev.itprompt.method.prompted.StepProjection;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.nn.Parameters;
import dev.itprompt.nn.Transformer;
import dev.itprompt.prompt.Pass;
import dev.itprompt.prompt.Tokens;
import dev.itprompt.prompt.Tower;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.State;
import dev.itprompt.train.StopRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What steps of a block's tokens must not disturb: the directions {@code q·W_k} in which queries of older tasks' images see tokens, a Gram matrix
 * [D, D], and the shares of attention that the tokens get of them, [P, P]. A step Δ becomes {@code projection(shares)·Δ·projection(directions)},
 * so that neither scores nor what is mixed by them change for those images (Lu et al. 2024, VPT-NSP², equations 9 to 13).
 */
final class OldDirections implements StepProjection {

    private final Backbone backbone;
    private final Tokens tokens;
    private final double share;
    private final int batch;
    private final Map<Integer, double[][]> directions = new LinkedHashMap<>();
    private final Map<Integer, double[][]> shares = new LinkedHashMap<>();
    private final Map<Integer, double[][]> left = new LinkedHashMap<>();
    private final Map<Integer, double[][]> right = new LinkedHashMap<>();

    /**
     * @param tokens whose steps are projected; at most as many in a block as a head has columns
     * @param share  of the null space in a step
     * @param batch  images that are looked at together
     */
    OldDirections(Backbone backbone, Tokens tokens, double share, int batch) {
        this.backbone = backbone;
        this.tokens = tokens;
        this.share = share;
        this.batch = batch;
        for (int block : tokens.blocks()) {
            directions.put(block, new double[tokens.width()][tokens.width()]);
            shares.put(block, new double[tokens.length()][tokens.length()]);
        }
    }

    @Override
    public Tensor project(String name, Tensor step) {
        int block = Integer.parseInt(name.substring(name.lastIndexOf('.') + 1));
        return NullSpace.between(left.computeIfAbsent(block, b -> NullSpace.projection(shares.get(b), share)), step,
                right.computeIfAbsent(block, b -> NullSpace.projection(directions.get(b), share)));
    }

    /** A pass whose results are, for each prompted block, queries [B, N, D] and, in each head's first P columns, shares of tokens. */
    private record Look(Graph graph, Node images, List<Node> queries, List<Node> shares) {}

    private Look look(int rows, Map<String, Tensor> values) {
        VisionTransformer model = backbone.model().vision();
        Graph g = new Graph();
        Node images = g.input("images", Shape.of(rows, 3, model.imageSize(), model.imageSize()));
        Tower tower = new Tower(model, Parameters.frozen(g, backbone.model().weights()));
        Map<Integer, Transformer.Prefix> prefixes = tokens.enter(new Pass(tower, images, Parameters.frozen(g, values), null, null, 0, false)).prefixes();
        Parameters blocks = tower.weights().in("visual").in("transformer");
        Node x = model.embed(tower.weights(), images);
        Node marks = g.constant(marks(model));
        List<Node> queries = new ArrayList<>();
        List<Node> attended = new ArrayList<>();
        int width = model.width();
        for (int block = 0; block <= tokens.blocks().getLast(); block++) {
            Transformer.Prefix prefix = prefixes.get(block);
            if (prefix != null) {
                Node projections = model.blocks().projections(blocks, block, x);
                Node scored = g.slice(projections, 2, 0, 2 * width);
                Node nothing = g.scale(g.slice(projections, 2, 2 * width, width), 0);
                queries.add(g.slice(projections, 2, 0, width));
                attended.add(g.attention(g.concat(2, scored, nothing), prefix.keys(), marks, model.heads(), false));
            }
            x = model.blocks().block(blocks, block, x, prefix);
        }
        return new Look(g, images, queries, attended);
    }

    /** Values of tokens that show in an attention's result how much of it they are: token p is 1 in column p of each head. */
    private Tensor marks(VisionTransformer model) {
        Tensor marks = Tensor.zeros(Shape.of(tokens.length(), model.width()));
        int columns = model.width() / model.heads();
        for (int p = 0; p < tokens.length(); p++) {
            for (int head = 0; head < model.heads(); head++) {
                marks.set(p * model.width() + head * columns + p, 1);
            }
        }
        return marks;
    }

    @Override
    public void taskDone(Learner.Task task, Map<String, Tensor> values, Progress progress) {
        int images = task.images().size();
        int rows = Math.min(batch, images);
        Look look = look(rows, values);
        List<Node> results = new ArrayList<>(look.queries());
        results.addAll(look.shares());
        int heads = backbone.model().vision().heads();
        int columns = tokens.width() / heads;
        Map<Integer, double[][][]> queries = new LinkedHashMap<>();
        tokens.blocks().forEach(block -> queries.put(block, new double[heads][columns][columns]));
        Map<Integer, double[][][]> attention = new LinkedHashMap<>();
        tokens.blocks().forEach(block -> attention.put(block, new double[heads][tokens.length()][tokens.length()]));
        float[] pixels = new float[rows * backbone.pixels()];
        try (Executable executable = backbone.device().compile(look.graph(), results)) {
            for (int from = 0; from < images; from += rows) {
                StopRequest.check();
                int count = Math.min(rows, images - from);
                int first = from;
                IntStream.range(0, count).parallel().forEach(i -> task.images().load(first + i, pixels, i * backbone.pixels(), null));
                executable.write(look.images(), pixels);
                executable.run();
                for (int b = 0; b < tokens.blocks().size(); b++) {
                    add(executable.read(look.queries().get(b)), count, columns, columns, queries.get(tokens.blocks().get(b)));
                    add(executable.read(look.shares().get(b)), count, columns, tokens.length(), attention.get(tokens.blocks().get(b)));
                }
                progress.report(task.piece("old directions"), from + count, images, "");
            }
        }
        double each = 1.0 / ((double) images * heads * look.queries().getFirst().shape().dim(1));
        tokens.blocks().forEach(block -> {
            addDirections(block, queries.get(block), columns, each);
            for (double[][] head : attention.get(block)) {
                addScaled(shares.get(block), head, each);
            }
        });
        left.clear();
        right.clear();
    }

    /** Sums products of the first columns of each head over images and their tokens; rows are [B, N, D]. */
    private static void add(Tensor rows, int images, int columnsOfHead, int columns, double[][][] sums) {
        int width = rows.shape().last();
        int count = images * rows.shape().dim(1);
        float[] all = rows.toArray();
        IntStream.range(0, sums.length).parallel().forEach(head -> {
            for (int row = 0; row < count; row++) {
                int start = row * width + head * columnsOfHead;
                for (int i = 0; i < columns; i++) {
                    for (int j = 0; j < columns; j++) {
                        sums[head][i][j] += (double) all[start + i] * all[start + j];
                    }
                }
            }
        });
    }

    /** Adds {@code Σ W_kᵀ·C·W_k} over heads, C being the products of a head's queries. */
    private void addDirections(int block, double[][][] queries, int columns, double factor) {
        int width = tokens.width();
        float[] weights = backbone.model().weights().get("visual.transformer.resblocks." + block + ".attn.in_proj_weight").toArray();
        double[][] sums = directions.get(block);
        for (int head = 0; head < queries.length; head++) {
            int firstRow = width + head * columns;
            double[][] turned = new double[columns][width];
            for (int i = 0; i < columns; i++) {
                for (int k = 0; k < columns; k++) {
                    for (int j = 0; j < width; j++) {
                        turned[i][j] += factor * queries[head][i][k] * weights[(firstRow + k) * width + j];
                    }
                }
            }
            IntStream.range(0, width).parallel().forEach(i -> {
                for (int k = 0; k < columns; k++) {
                    for (int j = 0; j < width; j++) {
                        sums[i][j] += weights[(firstRow + k) * width + i] * turned[k][j];
                    }
                }
            });
        }
    }

    private static void addScaled(double[][] target, double[][] matrix, double factor) {
        for (int i = 0; i < target.length; i++) {
            for (int j = 0; j < target.length; j++) {
                target[i][j] += factor * matrix[i][j];
            }
        }
    }

    @Override
    public void visit(State state) {
        directions.replaceAll((block, matrix) -> visit(state, "directions." + block, matrix));
        shares.replaceAll((block, matrix) -> visit(state, "shares." + block, matrix));
        left.clear();
        right.clear();
    }

    private static double[][] visit(State state, String name, double[][] matrix) {
        int n = matrix.length;
        double[] flat = new double[n * n];
        for (int i = 0; i < n; i++) {
            System.arraycopy(matrix[i], 0, flat, i * n, n);
        }
        double[] visited = state.doubles(name, flat);
        return IntStream.range(0, n).mapToObj(i -> Arrays.copyOfRange(visited, i * n, (i + 1) * n)).toArray(double[][]::new);
    }

    /** The Gram matrix of a block's directions, for tests. */
    double[][] directions(int block) {
        return directions.get(block);
    }

    /** The Gram matrix of the shares of a block's tokens, for tests. */
    double[][] shares(int block) {
        return shares.get(block);
    }
}
