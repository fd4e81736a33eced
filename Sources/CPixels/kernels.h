// The body of one instruction set's kernels. The including file has set the target attribute and named the table.
// Contraction to fused multiply-add would make results depend on the instruction set.
#pragma STDC FP_CONTRACT OFF

#include "lanes.h"
#include "kernels_resample.h"
#include "kernels_colour.h"
#include "kernels_filter.h"

const px_kernels PX_TABLE = {
    .combine_rows_u8 = combine_rows_u8,
    .combine_rows_f32 = combine_rows_f32,
    .resample_row_1 = resample_row_1,
    .resample_row_3 = resample_row_3,
    .bytes_to_planes = bytes_to_planes,
    .reverse = reverse,
    .affine = affine,
    .brightness = brightness,
    .contrast = contrast,
    .saturation = saturation,
    .hue = hue,
    .grayscale = grayscale,
    .invert = invert,
    .solarize = solarize,
    .posterize = posterize,
    .autocontrast = autocontrast,
    .equalize = equalize,
    .blur_column = blur_column,
    .blur_row = blur_row,
    .sharpness = sharpness,
    .normalize_plane = normalize_plane,
    .normalize_interleaved_3 = normalize_interleaved_3,
};
