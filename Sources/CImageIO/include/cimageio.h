/// JPEG, PNG, WebP and BMP decoding, PNG encoding and gzip inflation over buffers in memory.
///
/// The functions keep no global state: any number of threads may call them at once, each with its own decoder. The
/// image libraries report errors by jumping; every jump starts and ends inside one call of this interface, which
/// answers with a status and a sentence instead.
#ifndef CIMAGEIO_H
#define CIMAGEIO_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What became of a call.
typedef enum __attribute__((enum_extensibility(closed))) {
    CIMAGEIO_STATUS_OK = 0,
    /// The bytes are of no kind that is read here, or use a feature that is not.
    CIMAGEIO_STATUS_UNSUPPORTED = 1,
    /// The bytes are damaged or end too early.
    CIMAGEIO_STATUS_CORRUPT = 2,
    /// The result would pass a limit that the caller gave.
    CIMAGEIO_STATUS_TOO_LARGE = 3,
    CIMAGEIO_STATUS_OUT_OF_MEMORY = 4,
    /// The arguments do not fit together; a mistake of the caller's.
    CIMAGEIO_STATUS_MISUSE = 5
} cimageio_status;

/// Room enough for any sentence that the functions write.
#define CIMAGEIO_MESSAGE_CAPACITY 256

typedef struct {
    /// 1: grey. 3: red, green, blue. 0: as many as the file has, alpha and black ink not counted.
    uint32_t channels;
    /// A JPEG may be decoded at 1/2, 1/4 or 1/8 of its size as long as its shorter side keeps this many pixels.
    /// 0: full size.
    uint32_t minimum_short_side;
    /// Neither side of the stored image may be longer.
    uint32_t maximum_side;
    /// The stored image may not have more pixels.
    uint64_t maximum_pixels;
    /// Not 0: the image is turned as its EXIF says that it is to be seen.
    uint32_t turned;
} cimageio_options;

/// Kinds of file, by their first bytes.
typedef enum __attribute__((enum_extensibility(closed))) {
    CIMAGEIO_FORMAT_NONE = 0,
    CIMAGEIO_FORMAT_JPEG = 1,
    CIMAGEIO_FORMAT_PNG = 2,
    CIMAGEIO_FORMAT_WEBP = 3,
    CIMAGEIO_FORMAT_BMP = 4
} cimageio_format;

typedef struct {
    uint32_t width;
    uint32_t height;
    /// 1 or 3.
    uint32_t channels;
} cimageio_shape;

typedef struct cimageio_decoder cimageio_decoder;

/// Which of the kinds that are read here a file is of. Its first 18 bytes are enough.
cimageio_format cimageio_format_of(const uint8_t *bytes, size_t count);

/// How a file's EXIF says that its image is to be seen, 1 to 8 as EXIF counts: 1, as it is stored, where it says nothing
/// or is damaged. Pixels are not looked at; of a JPEG or PNG whose end is missing, what is there is searched.
uint32_t cimageio_orientation(const uint8_t *bytes, size_t count);

/// Reads the header of an image and says what shape `cimageio_read` will give. The limits are checked here, before
/// memory is taken for pixels.
///
/// `bytes` must stay as they are until the decoder is closed. On success `*decoder` must be closed; otherwise it is
/// NULL and `message` (of `capacity` bytes, always terminated) says what was wrong.
cimageio_status cimageio_open(const uint8_t *bytes, size_t count, const cimageio_options *options,
                              cimageio_decoder **decoder, cimageio_shape *shape, char *message, size_t capacity);

/// Decodes into `pixels`: `count` must be width * height * channels of the shape. To be called once.
cimageio_status cimageio_read(cimageio_decoder *decoder, uint8_t *pixels, size_t count, char *message,
                              size_t capacity);

/// Ends a decoder, at whatever point it stands. NULL is allowed.
void cimageio_close(cimageio_decoder *decoder);

/// A PNG whose values mean something themselves.
typedef struct {
    uint32_t width;
    uint32_t height;
    /// 1: grey or indices of a palette. 3: colours. 4: colours and alpha, where alpha was asked for.
    uint32_t channels;
    /// The bits of a value in the file.
    uint32_t bits;
    /// The colours of a palette; 0 where the file has none.
    uint32_t palette_count;
    uint8_t palette[768];
    /// height * width * channels bytes, to be given to `cimageio_free`.
    uint8_t *values;
} cimageio_stored;

/// Reads a PNG without changing what its values say: indices of a palette stay indices, grey of fewer than 8 bits stays
/// as small as it is, alpha is left out. Values of 16 bits are refused unless all are below 256. With `alpha` everything
/// becomes red, green, blue and alpha of 8 bits instead. Of the options the limits alone count; EXIF is not looked at.
cimageio_status cimageio_read_stored_png(const uint8_t *bytes, size_t count, const cimageio_options *limits, int alpha,
                                         cimageio_stored *stored, char *message, size_t capacity);

/// Encodes 8-bit grey (1) or RGB (3) pixels as PNG. `compression` is zlib's level, 0 to 9. With a palette of `colours`
/// times red, green and blue, pixels of one channel are its indices, none beyond it.
/// On success `*bytes` is to be given to `cimageio_free`.
cimageio_status cimageio_encode_png(const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels,
                                    const uint8_t *palette, uint32_t colours,
                                    int compression, uint8_t **bytes, size_t *count, char *message,
                                    size_t capacity);

/// Inflates a whole gzip file: every member's length and CRC-32 are checked, members that follow one another are
/// joined, and zero padding after the last is passed over. More than `limit` bytes of output are refused.
/// On success `*output` is to be given to `cimageio_free`.
cimageio_status cimageio_gunzip(const uint8_t *bytes, size_t count, size_t limit, uint8_t **output,
                                size_t *output_count, char *message, size_t capacity);

/// Frees what the functions above have given. NULL is allowed.
void cimageio_free(void *memory);

#ifdef __cplusplus
}
#endif

#endif
