#ifndef HOST_MICROHTTPD_SHIM_H
#define HOST_MICROHTTPD_SHIM_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>

#include <microhttpd.h>

/* Variadic, so that Swift cannot import them. */
static inline struct MHD_Daemon *
host_mhd_start(unsigned int flags, const struct sockaddr *address,
               MHD_AccessHandlerCallback handler, MHD_RequestCompletedCallback completed,
               void *context, unsigned int connections, size_t memory, unsigned int idle_seconds) {
    return MHD_start_daemon(flags, 0, NULL, NULL, handler, context,
                            MHD_OPTION_SOCK_ADDR, address,
                            MHD_OPTION_CONNECTION_LIMIT, connections,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory,
                            MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds,
                            MHD_OPTION_STRICT_FOR_CLIENT, 1,
                            MHD_OPTION_NOTIFY_COMPLETED, completed, context,
                            MHD_OPTION_END);
}

static inline uint16_t host_mhd_port(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

/* Casted constants. */
static inline uint64_t host_mhd_size_unknown(void) { return MHD_SIZE_UNKNOWN; }
static inline ssize_t host_mhd_end_with_error(void) { return MHD_CONTENT_READER_END_WITH_ERROR; }

#endif
