#pragma once
#include <zlib.h>

/// `inflateInit2` is a macro, which Swift does not import. 15 + 16: gzip members only.
static inline int host_zlib_inflate_init_gzip(z_stream *stream) {
    return inflateInit2(stream, 15 + 16);
}

/// `deflateInit2` is a macro, which Swift does not import. Writes gzip members, for tests and logs.
static inline int host_zlib_deflate_init_gzip(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}
