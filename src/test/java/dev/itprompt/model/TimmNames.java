package dev.itprompt.model;

/** timm's names of weights in the terms of OpenAI's CLIP. */
public final class TimmNames {

    private TimmNames() {}

    public static String openAi(String name) {
        String renamed = name.replace("cls_token", "class_embedding").replace("pos_embed", "positional_embedding")
                .replace("patch_embed.proj", "conv1").replaceAll("^norm\\.", "ln_post.")
                .replaceAll("^blocks\\.", "transformer.resblocks.").replace(".norm1.", ".ln_1.").replace(".norm2.", ".ln_2.")
                .replace("attn.qkv.", "attn.in_proj_").replace("attn.proj.", "attn.out_proj.")
                .replace("mlp.fc1.", "mlp.c_fc.").replace("mlp.fc2.", "mlp.c_proj.");
        return "visual." + renamed;
    }
}
