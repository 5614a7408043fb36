/**
 * Training CLIP from scratch on captioned pictures: {@link dev.itprompt.pretrain.Pretraining} and the augmentation of pictures
 * with transparent backgrounds, {@link dev.itprompt.pretrain.PictureAugment}.
 */
package dev.itprompt.pretrain;
