// The events that every side sends, and the clocks that every side reads.
#pragma once

#include <time.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "madang/strategy/v1/session.pb.h"

namespace bench {

namespace wire = madang::strategy::v1;

// One position a step, as the host counts.
inline uint64_t PositionOf(uint64_t step) { return step << 20; }

// Fills a message with the ticks of the steps behind `previous`, as the host would: the kept
// message is emptied first and keeps its memory.
inline void Fill(wire::HostMessage& message, uint64_t previous, int count) {
  wire::Events& events = *message.mutable_events();
  events.Clear();
  events.set_previous(PositionOf(previous));
  events.set_count(static_cast<uint32_t>(count));
  wire::Ticks& ticks = *events.mutable_ticks();
  for (int row = 0; row < count; ++row) {
    const uint64_t step = previous + 1 + static_cast<uint64_t>(row);
    const int64_t time = 1'700'000'000'000'000'000 + static_cast<int64_t>(step) * 1'000'003;
    ticks.add_offset(PositionOf(step) - PositionOf(previous));
    ticks.add_feed_time(time);
    ticks.add_entry_time(time);
    ticks.add_instrument(static_cast<uint32_t>(step % 4));
    ticks.add_price(7'010'000'000'000 + static_cast<int64_t>(step % 64) * 100'000'000);
    ticks.add_quantity(100'000'000 * static_cast<int64_t>(1 + step % 16));
    ticks.add_side(1 + step % 2);
  }
}

// Prices that jump within 64 won, the same at every turn; ServerBenchmarks writes them to a file.
inline int64_t WalkOf(uint64_t step) {
  uint64_t mixed = (step + 1) * 0x9E3779B97F4A7C15u;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
  return 70'000 + static_cast<int64_t>((mixed ^ (mixed >> 31)) % 64);
}
inline void FillWalk(wire::HostMessage& message, uint64_t previous, int count) {
  Fill(message, previous, count);
  wire::Ticks& ticks = *message.mutable_events()->mutable_ticks();
  for (int row = 0; row < count; ++row) {
    ticks.set_price(row, WalkOf(previous + 1 + static_cast<uint64_t>(row)) * 100'000'000);
    ticks.set_quantity(row, 100'000'000);
  }
}

// The same prices as candles of a second, a flat one each: BacktestBenchmarks writes them to a file.
inline void FillCandles(wire::HostMessage& message, uint64_t previous, int count) {
  wire::Events& events = *message.mutable_events();
  events.Clear();
  events.set_previous(PositionOf(previous));
  events.set_count(static_cast<uint32_t>(count));
  wire::Candles& candles = *events.mutable_candles();
  constexpr int64_t kSecond = 1'000'000'000;
  for (int row = 0; row < count; ++row) {
    const uint64_t step = previous + 1 + static_cast<uint64_t>(row);
    // Four instruments close at each second.
    const int64_t open = 1'700'000'000 * kSecond + static_cast<int64_t>((step - 1) / 4) * kSecond;
    const int64_t price = WalkOf(step) * 100'000'000;
    candles.add_offset(PositionOf(step) - PositionOf(previous));
    candles.add_interval(kSecond);
    candles.add_open_time(open);
    candles.add_close_time(open + kSecond);
    candles.add_entry_time(open + kSecond);
    candles.add_instrument(static_cast<uint32_t>(step % 4));
    candles.add_open(price);
    candles.add_high(price);
    candles.add_low(price);
    candles.add_close(price);
    candles.add_volume(100'000'000);
    candles.add_flags(1);
  }
}

inline int64_t Now(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return static_cast<int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}
inline int64_t WallTime() { return Now(CLOCK_MONOTONIC); }
inline int64_t ProcessorTime() { return Now(CLOCK_PROCESS_CPUTIME_ID); }

[[noreturn]] inline void GiveUp(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

}  // namespace bench
