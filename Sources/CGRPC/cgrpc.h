// The door to the gRPC C core: what Swift cannot import (macros, unions, op arrays, out-parameters
// that must stay put) as inline functions. Nothing here decides anything.
#ifndef HOST_CGRPC_H
#define HOST_CGRPC_H

// First: gRPC's port_platform.h defines _GNU_SOURCE, and glibc's types would then differ from those
// of Swift's own Glibc module (debug and sanitizer builds refuse the difference).
#include <features.h>

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/slice.h>
#include <grpc/support/alloc.h>
#include <grpc/support/log.h>
#include <grpc/support/string_util.h>
#include <grpc/support/time.h>
#include <sys/prctl.h>

// ---- Time -------------------------------------------------------------------------------------

/// The moment `nanoseconds` from now on the monotonic clock; never, when negative.
static inline gpr_timespec host_grpc_deadline(int64_t nanoseconds) {
  if (nanoseconds < 0) return gpr_inf_future(GPR_CLOCK_MONOTONIC);
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_nanos(nanoseconds, GPR_TIMESPAN));
}

static inline grpc_event host_grpc_next_event(grpc_completion_queue *queue, int wait) {
  gpr_timespec until = wait ? gpr_inf_future(GPR_CLOCK_MONOTONIC)
                            : gpr_inf_past(GPR_CLOCK_MONOTONIC);
  return grpc_completion_queue_next(queue, until, NULL);
}

static inline void host_grpc_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

// ---- Thread sanitizer --------------------------------------------------------------------------

// The core is not instrumented, so the sanitizer cannot see that what precedes the start of an
// operation also precedes its event. These say so; without the sanitizer they do nothing.
extern void __tsan_release(void *address) __attribute__((weak));
extern void __tsan_acquire(void *address) __attribute__((weak));

static inline void host_grpc_hands_over(void *owner) {
  if (__tsan_release) __tsan_release(owner);
}

static inline void host_grpc_takes_over(void *owner) {
  if (__tsan_acquire) __tsan_acquire(owner);
}

// ---- Slices and messages ----------------------------------------------------------------------

/// The bytes of a slice that stays where it is: short ones lie inside the struct itself.
static inline const uint8_t *host_grpc_slice_bytes(const grpc_slice *slice) {
  return GRPC_SLICE_START_PTR(*slice);
}

static inline size_t host_grpc_slice_length(const grpc_slice *slice) {
  return GRPC_SLICE_LENGTH(*slice);
}

/// A message of `length` bytes that the caller fills through `bytes` before it is sent.
static inline grpc_byte_buffer *host_grpc_message_create(size_t length, uint8_t **bytes) {
  grpc_slice slice = length == 0 ? grpc_empty_slice() : grpc_slice_malloc_large(length);
  *bytes = length == 0 ? NULL : GRPC_SLICE_START_PTR(slice);
  grpc_byte_buffer *message = grpc_raw_byte_buffer_create(&slice, 1);
  grpc_slice_unref(slice);  // the message holds its own reference
  return message;
}

/// The one slice a message consists of, or NULL when it has none or several.
static inline const grpc_slice *host_grpc_message_only_slice(grpc_byte_buffer *message) {
  if (message->type != GRPC_BB_RAW || message->data.raw.compression != GRPC_COMPRESS_NONE ||
      message->data.raw.slice_buffer.count != 1)
    return NULL;
  return &message->data.raw.slice_buffer.slices[0];
}

/// All bytes of a message in one slice, which the caller unrefs.
static inline grpc_slice host_grpc_message_join(grpc_byte_buffer *message) {
  grpc_byte_buffer_reader reader;
  if (!grpc_byte_buffer_reader_init(&reader, message)) return grpc_empty_slice();
  grpc_slice all = grpc_byte_buffer_reader_readall(&reader);
  grpc_byte_buffer_reader_destroy(&reader);
  return all;
}

// ---- Calls ------------------------------------------------------------------------------------

/// What the core writes to while a call runs, and the headers it reads; on the heap, so that it
/// stays in place until the last tag has come back.
typedef struct host_grpc_call_memory {
  grpc_metadata *headers;
  size_t header_count;
  grpc_metadata_array initial_metadata;
  grpc_metadata_array trailing_metadata;
  grpc_status_code status;
  grpc_slice status_details;
  const char *error_string;
  grpc_byte_buffer *received;
} host_grpc_call_memory;

static inline host_grpc_call_memory *host_grpc_call_memory_create(void) {
  host_grpc_call_memory *memory =
      (host_grpc_call_memory *)gpr_zalloc(sizeof(host_grpc_call_memory));
  grpc_metadata_array_init(&memory->initial_metadata);
  grpc_metadata_array_init(&memory->trailing_metadata);
  memory->status = GRPC_STATUS_UNKNOWN;
  memory->status_details = grpc_empty_slice();
  return memory;
}

static inline void host_grpc_call_memory_destroy(host_grpc_call_memory *memory) {
  for (size_t i = 0; i < memory->header_count; i++) {
    grpc_slice_unref(memory->headers[i].key);
    grpc_slice_unref(memory->headers[i].value);
  }
  gpr_free(memory->headers);
  grpc_metadata_array_destroy(&memory->initial_metadata);
  grpc_metadata_array_destroy(&memory->trailing_metadata);
  grpc_slice_unref(memory->status_details);
  gpr_free((void *)memory->error_string);
  if (memory->received != NULL) grpc_byte_buffer_destroy(memory->received);
  gpr_free(memory);
}

/// Adds a header to send; 0 when HTTP/2 forbids its key or value.
static inline int host_grpc_call_memory_add_header(host_grpc_call_memory *memory, const void *key,
                                                   size_t key_length, const void *value,
                                                   size_t value_length) {
  grpc_slice key_slice = grpc_slice_from_copied_buffer((const char *)key, key_length);
  grpc_slice value_slice = grpc_slice_from_copied_buffer((const char *)value, value_length);
  if (!grpc_header_key_is_legal(key_slice) ||
      (!grpc_is_binary_header(key_slice) && !grpc_header_nonbin_value_is_legal(value_slice))) {
    grpc_slice_unref(key_slice);
    grpc_slice_unref(value_slice);
    return 0;
  }
  size_t bytes = (memory->header_count + 1) * sizeof(grpc_metadata);
  memory->headers = (grpc_metadata *)gpr_realloc(memory->headers, bytes);
  grpc_metadata *header = &memory->headers[memory->header_count++];
  __builtin_memset(header, 0, sizeof *header);
  header->key = key_slice;
  header->value = value_slice;
  return 1;
}

static inline grpc_call *host_grpc_call_create(grpc_channel *channel, grpc_completion_queue *queue,
                                               const char *method, int64_t timeout_nanoseconds) {
  grpc_slice path = grpc_slice_from_copied_string(method);
  grpc_call *call =
      grpc_channel_create_call(channel, NULL, GRPC_PROPAGATE_DEFAULTS, queue, path, NULL,
                               host_grpc_deadline(timeout_nanoseconds), NULL);
  grpc_slice_unref(path);
  return call;
}

static inline void host_grpc_op_send_headers(grpc_op *op, host_grpc_call_memory *memory,
                                             int wait_for_ready) {
  op->op = GRPC_OP_SEND_INITIAL_METADATA;
  op->flags = GRPC_INITIAL_METADATA_WAIT_FOR_READY_EXPLICITLY_SET |
              (wait_for_ready ? GRPC_INITIAL_METADATA_WAIT_FOR_READY : 0u);
  op->data.send_initial_metadata.count = memory->header_count;
  op->data.send_initial_metadata.metadata = memory->headers;
}

static inline void host_grpc_op_receive_headers(grpc_op *op, host_grpc_call_memory *memory) {
  op->op = GRPC_OP_RECV_INITIAL_METADATA;
  op->data.recv_initial_metadata.recv_initial_metadata = &memory->initial_metadata;
}

static inline void host_grpc_op_receive_message(grpc_op *op, host_grpc_call_memory *memory) {
  op->op = GRPC_OP_RECV_MESSAGE;
  op->data.recv_message.recv_message = &memory->received;
}

static inline void host_grpc_op_receive_status(grpc_op *op, host_grpc_call_memory *memory) {
  op->op = GRPC_OP_RECV_STATUS_ON_CLIENT;
  op->data.recv_status_on_client.trailing_metadata = &memory->trailing_metadata;
  op->data.recv_status_on_client.status = &memory->status;
  op->data.recv_status_on_client.status_details = &memory->status_details;
  op->data.recv_status_on_client.error_string = &memory->error_string;
}

/// Sends the headers and asks for the status, which completes when the call is over.
static inline grpc_call_error host_grpc_start_stream(grpc_call *call,
                                                     host_grpc_call_memory *memory,
                                                     int wait_for_ready, void *tag) {
  grpc_op ops[2];
  __builtin_memset(ops, 0, sizeof ops);
  host_grpc_op_receive_status(&ops[0], memory);
  host_grpc_op_send_headers(&ops[1], memory, wait_for_ready);
  return grpc_call_start_batch(call, ops, 2, tag, NULL);
}

static inline grpc_call_error host_grpc_start_receive_headers(grpc_call *call,
                                                              host_grpc_call_memory *memory,
                                                              void *tag) {
  grpc_op op;
  __builtin_memset(&op, 0, sizeof op);
  host_grpc_op_receive_headers(&op, memory);
  return grpc_call_start_batch(call, &op, 1, tag, NULL);
}

/// One request, one reply, one status: a single batch.
static inline grpc_call_error host_grpc_start_unary(grpc_call *call, host_grpc_call_memory *memory,
                                                    grpc_byte_buffer *request, int wait_for_ready,
                                                    void *tag) {
  grpc_op ops[6];
  __builtin_memset(ops, 0, sizeof ops);
  host_grpc_op_send_headers(&ops[0], memory, wait_for_ready);
  ops[1].op = GRPC_OP_SEND_MESSAGE;
  ops[1].data.send_message.send_message = request;
  ops[2].op = GRPC_OP_SEND_CLOSE_FROM_CLIENT;
  host_grpc_op_receive_headers(&ops[3], memory);
  host_grpc_op_receive_message(&ops[4], memory);
  host_grpc_op_receive_status(&ops[5], memory);
  return grpc_call_start_batch(call, ops, 6, tag, NULL);
}

/// `more_follows` lets the core hold the bytes back for the next write.
static inline grpc_call_error host_grpc_start_send(grpc_call *call, grpc_byte_buffer *message,
                                                   int more_follows, void *tag) {
  grpc_op op;
  __builtin_memset(&op, 0, sizeof op);
  op.op = GRPC_OP_SEND_MESSAGE;
  op.flags = more_follows ? GRPC_WRITE_BUFFER_HINT : 0u;
  op.data.send_message.send_message = message;
  return grpc_call_start_batch(call, &op, 1, tag, NULL);
}

static inline grpc_call_error host_grpc_start_send_close(grpc_call *call, void *tag) {
  grpc_op op;
  __builtin_memset(&op, 0, sizeof op);
  op.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT;
  return grpc_call_start_batch(call, &op, 1, tag, NULL);
}

static inline grpc_call_error host_grpc_start_receive(grpc_call *call,
                                                      host_grpc_call_memory *memory, void *tag) {
  grpc_op op;
  __builtin_memset(&op, 0, sizeof op);
  host_grpc_op_receive_message(&op, memory);
  return grpc_call_start_batch(call, &op, 1, tag, NULL);
}

/// An event without an operation: on a call that never starts, it only wakes the poller.
static inline grpc_call_error host_grpc_post(grpc_call *call, void *tag) {
  return grpc_call_start_batch(call, NULL, 0, tag, NULL);
}

// ---- Channel arguments ------------------------------------------------------------------------

/// Arguments by key; copies its strings. More than the capacity is a mistake of ours.
typedef struct host_grpc_args {
  size_t count;
  grpc_arg entries[32];
} host_grpc_args;

static inline host_grpc_args *host_grpc_args_create(void) {
  return (host_grpc_args *)gpr_zalloc(sizeof(host_grpc_args));
}

static inline void host_grpc_args_destroy(host_grpc_args *args) {
  for (size_t i = 0; i < args->count; i++) {
    gpr_free(args->entries[i].key);
    if (args->entries[i].type == GRPC_ARG_STRING) gpr_free(args->entries[i].value.string);
  }
  gpr_free(args);
}

static inline void host_grpc_args_set_int(host_grpc_args *args, const char *key, int value) {
  GPR_ASSERT(args->count < sizeof args->entries / sizeof args->entries[0]);
  grpc_arg *entry = &args->entries[args->count++];
  entry->type = GRPC_ARG_INTEGER;
  entry->key = gpr_strdup(key);
  entry->value.integer = value;
}

static inline void host_grpc_args_set_string(host_grpc_args *args, const char *key,
                                             const char *value) {
  GPR_ASSERT(args->count < sizeof args->entries / sizeof args->entries[0]);
  grpc_arg *entry = &args->entries[args->count++];
  entry->type = GRPC_ARG_STRING;
  entry->key = gpr_strdup(key);
  entry->value.string = gpr_strdup(value);
}

static inline grpc_channel *host_grpc_channel_create(const char *target,
                                                     grpc_channel_credentials *credentials,
                                                     host_grpc_args *args) {
  grpc_channel_args list = {args->count, args->entries};
  return grpc_channel_create(target, credentials, &list);
}

/// Client credentials for TLS; `key` and `chain` are both NULL or both set.
static inline grpc_channel_credentials *host_grpc_tls_credentials(const char *roots,
                                                                  const char *key,
                                                                  const char *chain) {
  grpc_ssl_pem_key_cert_pair pair = {key, chain};
  return grpc_ssl_credentials_create_ex(roots, key == NULL ? NULL : &pair, NULL, NULL);
}

#endif
