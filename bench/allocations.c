/* Counts the allocations of the program that it is preloaded into (LD_PRELOAD), which asks for the count by name. */
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static atomic_ulong count;
static void tell(void) { atomic_fetch_add_explicit(&count, 1, memory_order_relaxed); }

unsigned long counted_allocations(void) { return atomic_load_explicit(&count, memory_order_relaxed); }

void *malloc(size_t size) { tell(); return __libc_malloc(size); }
void *calloc(size_t n, size_t size) { tell(); return __libc_calloc(n, size); }
void *realloc(void *old, size_t size) { tell(); return __libc_realloc(old, size); }
void *memalign(size_t alignment, size_t size) { tell(); return __libc_memalign(alignment, size); }
void *aligned_alloc(size_t alignment, size_t size) { tell(); return __libc_memalign(alignment, size); }
int posix_memalign(void **out, size_t alignment, size_t size) {
    tell();
    *out = __libc_memalign(alignment, size);
    return *out || !size ? 0 : ENOMEM;
}
