// Keeps every processor that it may use from going to sleep, and takes nothing from anybody: its
// threads have the idle class (SCHED_IDLE), so that whoever wants to run runs in their stead.
//
// A sleeping processor takes tens of microseconds to wake, more on a virtual machine. Who waits on
// one thread pays that for each message; who has two threads that wake each other keeps both
// processors awake while it waits. So a round trip at rest says how much a program fidgets, and not
// how long its way is. Says how many it keeps awake in a line of JSON, ends when its input is closed.

#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

static void *stay_awake(void *argument) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET((int)(intptr_t)argument, &one);
  pthread_setaffinity_np(pthread_self(), sizeof one, &one);
  const struct sched_param none = {0};
  if (sched_setscheduler(0, SCHED_IDLE, &none) != 0) {
    perror("awake: no idle class");
    _exit(1);
  }
  for (;;) __asm__ volatile("" ::: "memory");
}

int main(void) {
  cpu_set_t all;
  if (sched_getaffinity(0, sizeof all, &all) != 0) return perror("awake"), 1;
  int count = 0;
  for (int processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (!CPU_ISSET(processor, &all)) continue;
    pthread_t thread;
    if (pthread_create(&thread, NULL, stay_awake, (void *)(intptr_t)processor) != 0)
      return fputs("awake: no thread\n", stderr), 1;
    ++count;
  }
  printf("{\"processors\": %d}\n", count);
  fflush(stdout);
  char byte;
  while (read(0, &byte, 1) > 0) {}
  return 0;
}
