#pragma once
// What the Glibc module of the toolchain lacks.
#include <sys/file.h>
#include <sys/prctl.h>
