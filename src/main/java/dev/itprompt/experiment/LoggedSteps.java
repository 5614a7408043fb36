package dev.itprompt.experiment;

import dev.itprompt.Progress;
import dev.itprompt.train.Trainer;

/**
 * Passes progress on, and writes some of a training's steps into the run's log: evenly over each stage, its last one among them.
 *
 * @param folder   of the run
 * @param training whose steps they are
 * @param others   who hear of all
 */
record LoggedSteps(RunFolder folder, String training, Progress others) implements Progress {

    /** Of each stage. */
    private static final int MOST = 50;

    @Override
    public void report(String stage, long done, long total, String note) {
        others.report(stage, done, total, note);
    }

    @Override
    public void begins(String what) {
        others.begins(what);
    }

    @Override
    public void expects(double least, double most) {
        others.expects(least, most);
    }

    @Override
    public void reached(String what) {
        others.reached(what);
    }

    @Override
    public void measured(String stage, long step, long steps, double loss, double rate, double waiting) {
        others.measured(stage, step, steps, loss, rate, waiting);
        if (step * MOST / steps > (step - 1) * MOST / steps) {
            folder.log("step", line -> {
                line.put("training", training).put("stage", stage).put("step", step).put("steps", steps).put("loss", loss).put("rate", rate);
                if (waiting > Trainer.WORTH_SAYING) {
                    line.put("waitingForImages", Math.round(100 * waiting) / 100.0);
                }
            });
        }
    }
}
