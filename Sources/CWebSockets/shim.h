#ifndef HOST_WEBSOCKETS_SHIM_H
#define HOST_WEBSOCKETS_SHIM_H

#include <libwebsockets.h>
#include <openssl/ssl.h>

/* A macro, so that Swift cannot import it: bytes that lws_write wants before its payload. */
static inline size_t host_lws_pre(void) { return LWS_PRE; }

/* What a client of wss trusts: the authorities in a PEM file, or the system's. SSL_CTX_free ends it.
   libwebsockets would make its own for each context, and lose it (600 KB) where another context has
   been made before the first ends: it looks it up by an index that each context makes anew. */
static inline SSL_CTX *host_lws_trust_create(const char *authorities) {
  /* By itself the library frees all it holds in exit, under a thread that still serves a context. What
     uses it first decides, so a program that wants more than this says so before. */
  OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
  SSL_CTX *trust = SSL_CTX_new(TLS_client_method());
  if (trust == NULL) return NULL;
  SSL_CTX_set_min_proto_version(trust, TLS1_2_VERSION);
  SSL_CTX_set_options(trust, SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(trust, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  /* Where they cannot be read nobody is trusted, and each handshake fails. */
  if (authorities == NULL) {
    SSL_CTX_set_default_verify_paths(trust);
  } else {
    SSL_CTX_load_verify_file(trust, authorities);
  }
  return trust;
}

#endif
