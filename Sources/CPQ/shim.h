#ifndef HOST_PQ_SHIM_H
#define HOST_PQ_SHIM_H

#include <postgresql/libpq-fe.h>

#endif
