#include "random_message.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <cstring>
#include <limits>

namespace oracle {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::io::CodedOutputStream;
using google::protobuf::io::StringOutputStream;

uint64_t Random::Number() {
  static const uint64_t kEdges[] = {
      0, 1, 2, 127, 128, 16383, 16384, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000,
      0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFE,
      0xFFFFFFFF80000000, 0x3FF0000000000000, 0x7FF0000000000000, 0x7FF8000000000001,
      0x7FF0000000000001, 0xFFF8000000000000};
  if (Chance(0.4)) return kEdges[Below(std::size(kEdges))];
  return Bits() >> Below(64);
}

std::string Random::Text() {
  static const char* kPieces[] = {"a", "Z", "=", "\x7F", "\xC2\x80", "\xC3\xA9", "e\xCC\x81",
                                  "\xEB\xA7\x88\xEB\x8B\xB9", "\xEF\xBF\xBF", "\xED\x9F\xBF",
                                  "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "\xE2\x84\xAB"};
  std::string text;
  const uint64_t count = Chance(0.1) ? Below(60) : Below(5);
  for (uint64_t i = 0; i < count; ++i) {
    if (Chance(0.05)) {
      text.push_back('\0');
    } else {
      text += kPieces[Below(std::size(kPieces))];
    }
  }
  return text;
}

std::string Random::Bytes(size_t longest) {
  std::string bytes(Below(longest + 1), '\0');
  for (char& byte : bytes) byte = static_cast<char>(Bits());
  return bytes;
}

std::string UnknownField(uint32_t number, int depth, Random& random) {
  std::string wire;
  {
    StringOutputStream stream(&wire);
    CodedOutputStream out(&stream);
    switch (random.Below(depth > 0 ? 5 : 4)) {
      case 0:
        out.WriteTag(number << 3);
        out.WriteVarint64(random.Number());
        break;
      case 1:
        out.WriteTag(number << 3 | 1);
        out.WriteLittleEndian64(random.Bits());
        break;
      case 2: {
        const std::string bytes = random.Bytes(20);
        out.WriteTag(number << 3 | 2);
        out.WriteVarint32(static_cast<uint32_t>(bytes.size()));
        out.WriteString(bytes);
        break;
      }
      case 3:
        out.WriteTag(number << 3 | 5);
        out.WriteLittleEndian32(static_cast<uint32_t>(random.Bits()));
        break;
      default:
        out.WriteTag(number << 3 | 3);
        for (uint64_t i = random.Below(3); i > 0; --i) {
          out.WriteString(UnknownField(1 + random.Below(3000), depth - 1, random));
        }
        out.WriteTag(number << 3 | 4);
    }
  }
  return wire;
}

namespace {

class Filler {
 public:
  explicit Filler(Random& random) : random_(random) {
    static const double kDensities[] = {0.02, 0.08, 0.4, 0.9};
    density_ = kDensities[random.Below(std::size(kDensities))];
  }

  void Fill(Message* message, int depth) {
    const Descriptor* type = message->GetDescriptor();
    // Large types nested in each other would explode: the deeper, the sparser.
    const double density = type->field_count() > 20 ? density_ / (1 << (3 * depth)) : density_;
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      if (!random_.Chance(density)) continue;
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && depth > 4) continue;
      if (field->is_repeated()) {
        for (uint64_t n = Rows(field); n > 0; --n) Set(message, field, depth);
      } else {
        Set(message, field, depth);
      }
    }
    if (random_.Chance(0.15)) {
      const uint32_t number = static_cast<uint32_t>(1000 + random_.Below(100000));
      const std::string wire = UnknownField(number, 3, random_);
      message->GetReflection()->MutableUnknownFields(message)->MergeFromCodedStream(
          Stream(wire).get());
    }
  }

 private:
  struct Source {
    explicit Source(const std::string& wire)
        : coded(reinterpret_cast<const uint8_t*>(wire.data()), static_cast<int>(wire.size())) {}
    google::protobuf::io::CodedInputStream coded;
    google::protobuf::io::CodedInputStream* get() { return &coded; }
  };
  static Source Stream(const std::string& wire) { return Source(wire); }

  uint64_t Rows(const FieldDescriptor* field) {
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) return random_.Below(3);
    return random_.Chance(0.05) ? random_.Below(300) : random_.Below(6);
  }

  void Set(Message* message, const FieldDescriptor* field, int depth) {
    const Reflection* reflection = message->GetReflection();
    const bool many = field->is_repeated();
    const uint64_t bits = random_.Number();
    switch (field->cpp_type()) {
#define ORACLE_CASE(KIND, Name, value)                    \
  case FieldDescriptor::CPPTYPE_##KIND: {                 \
    if (many) {                                           \
      reflection->Add##Name(message, field, value);       \
    } else {                                              \
      reflection->Set##Name(message, field, value);       \
    }                                                     \
    break;                                                \
  }
      ORACLE_CASE(INT32, Int32, static_cast<int32_t>(bits))
      ORACLE_CASE(INT64, Int64, static_cast<int64_t>(bits))
      ORACLE_CASE(UINT32, UInt32, static_cast<uint32_t>(bits))
      ORACLE_CASE(UINT64, UInt64, bits)
      ORACLE_CASE(BOOL, Bool, (bits & 1) != 0)
      ORACLE_CASE(ENUM, EnumValue,
                  random_.Chance(0.7) ? static_cast<int>(random_.Below(5)) - 1
                                      : static_cast<int>(bits))
      ORACLE_CASE(DOUBLE, Double, AsDouble(bits))
      ORACLE_CASE(FLOAT, Float, AsFloat(static_cast<uint32_t>(bits >> 32 | bits)))
      ORACLE_CASE(STRING, String,
                  field->type() == FieldDescriptor::TYPE_BYTES ? random_.Bytes(40)
                                                               : random_.Text())
#undef ORACLE_CASE
      case FieldDescriptor::CPPTYPE_MESSAGE:
        Fill(many ? reflection->AddMessage(message, field)
                  : reflection->MutableMessage(message, field),
             depth + 1);
        break;
    }
  }

  static double AsDouble(uint64_t bits) {
    double value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
  static float AsFloat(uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }

  Random& random_;
  double density_;
};

}  // namespace

void Fill(Message* message, Random& random) { Filler(random).Fill(message, 0); }

}  // namespace oracle
