#ifndef HOST_WEBSOCKETS_SHIM_H
#define HOST_WEBSOCKETS_SHIM_H

#include <libwebsockets.h>

/* A macro, so that Swift cannot import it: bytes that lws_write wants before its payload. */
static inline size_t host_lws_pre(void) { return LWS_PRE; }

#endif
