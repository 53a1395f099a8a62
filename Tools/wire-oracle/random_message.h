// Random messages, by reflection: the same seed gives the same message.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <random>
#include <string>

namespace oracle {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  // From 0 to `bound` - 1.
  uint64_t Below(uint64_t bound) { return engine_() % bound; }
  bool Chance(double share) { return static_cast<double>(engine_() >> 11) * 0x1p-53 < share; }
  uint64_t Bits() { return engine_(); }
  // Any of 64 bits, the ends of the ranges and short numbers far more often than by chance.
  uint64_t Number();
  // Valid UTF-8 with every length of sequence, NUL, and "é" both as one scalar and as two.
  std::string Text();
  std::string Bytes(size_t longest);

 private:
  std::mt19937_64 engine_;
};

// Fills an empty message: every kind of field, numbers without a name in enums, unknown fields.
void Fill(google::protobuf::Message* message, Random& random);

// An unknown field in wire form, groups included.
std::string UnknownField(uint32_t number, int depth, Random& random);

}  // namespace oracle
