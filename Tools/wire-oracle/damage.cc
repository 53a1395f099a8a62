#include "damage.h"

#include <algorithm>
#include <vector>

namespace oracle {
namespace {

// A field of a well-formed message, cut where tag, length and value meet.
struct Piece {
  uint32_t tag = 0;
  std::string head;   // the tag as it stands
  std::string value;  // varint, fixed bytes, or what a length-delimited field or group holds
  std::string whole() const;
};

std::string Varint(uint64_t value, size_t pad_to = 0) {
  std::string bytes;
  do {
    bytes.push_back(static_cast<char>((value & 0x7F) | 0x80));
    value >>= 7;
  } while (value != 0);
  while (bytes.size() < pad_to) bytes.push_back(static_cast<char>(0x80));
  bytes.back() = static_cast<char>(bytes.back() & 0x7F);
  return bytes;
}

std::string Piece::whole() const {
  if ((tag & 7) == 2) return head + Varint(value.size()) + value;
  return head + value;
}

bool ReadVarint(const std::string& wire, size_t& at, uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 70 && at < wire.size(); shift += 7) {
    const uint8_t byte = static_cast<uint8_t>(wire[at++]);
    if (shift < 64) value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool Skip(const std::string& wire, size_t& at, uint32_t tag, int depth) {
  uint64_t number = 0;
  switch (tag & 7) {
    case 0: return ReadVarint(wire, at, number);
    case 1: at += 8; return at <= wire.size();
    case 5: at += 4; return at <= wire.size();
    case 2:
      if (!ReadVarint(wire, at, number) || number > wire.size() - at) return false;
      at += number;
      return true;
    case 3:
      while (depth < 200 && ReadVarint(wire, at, number)) {
        if ((number & 7) == 4) return number >> 3 == tag >> 3;
        if (!Skip(wire, at, static_cast<uint32_t>(number), depth + 1)) return false;
      }
      return false;
    default: return false;
  }
}

// False unless `wire` is a sequence of whole fields.
bool Split(const std::string& wire, std::vector<Piece>& pieces) {
  size_t at = 0;
  while (at < wire.size()) {
    Piece piece;
    const size_t start = at;
    uint64_t tag = 0;
    if (!ReadVarint(wire, at, tag) || tag >> 3 == 0 || tag >> 32 != 0) return false;
    piece.tag = static_cast<uint32_t>(tag);
    piece.head = wire.substr(start, at - start);
    size_t value = at;
    if (!Skip(wire, at, piece.tag, 0)) return false;
    if ((tag & 7) == 2) {
      uint64_t length = 0;
      ReadVarint(wire, value, length);
    }
    piece.value = wire.substr(value, at - value);
    pieces.push_back(piece);
  }
  return true;
}

std::string Join(const std::vector<Piece>& pieces) {
  std::string wire;
  for (const Piece& piece : pieces) wire += piece.whole();
  return wire;
}

std::string Raw(std::string wire, const std::string& other, Random& random) {
  const size_t at = wire.empty() ? 0 : random.Below(wire.size());
  static const char kBytes[] = {0, 1, 2, 0x7F, static_cast<char>(0x80), static_cast<char>(0xFF)};
  switch (random.Below(8)) {
    case 0:
      if (!wire.empty()) wire[at] = static_cast<char>(wire[at] ^ (1 << random.Below(8)));
      return wire;
    case 1:
      if (!wire.empty()) wire[at] = kBytes[random.Below(sizeof kBytes)];
      return wire;
    case 2:
      if (!wire.empty()) wire[at] = static_cast<char>(random.Bits());
      return wire;
    case 3: return wire.substr(0, at);
    case 4: return wire.substr(at);
    case 5: return wire.erase(at, 1 + random.Below(4));
    case 6: return wire.insert(at, random.Bytes(4));
    default: return wire.substr(0, at) + other.substr(other.empty() ? 0 : random.Below(other.size()));
  }
}

// Groups or messages in each other, about as deep as libprotobuf allows. 146 is the tag of
// AllTypes.child; elsewhere it is an unknown field and not read into.
std::string Deep(Random& random) {
  const int depth = 95 + static_cast<int>(random.Below(11));
  std::string wire;
  if (random.Chance(0.5)) {
    for (int i = 0; i < depth; ++i) wire = Varint(146) + Varint(wire.size()) + wire;
    return wire;
  }
  for (int i = 0; i < depth; ++i) wire = Varint(2000 << 3 | 3) + wire + Varint(2000 << 3 | 4);
  return wire;
}

std::string Malformed(Random& random) {
  const uint32_t number = 1 + static_cast<uint32_t>(random.Below(110));
  switch (random.Below(7)) {
    case 0: return std::string(1, '\0');
    case 1: return Varint(random.Below(8)) + random.Bytes(8);           // field number 0
    case 2: return Varint(number << 3 | 4);                             // an end without a start
    case 3: return Varint(number << 3 | (6 + random.Below(2))) + "x";   // no such wire type
    case 4: return Varint(number << 3 | 3) + Varint((number + random.Below(2)) << 3 | 4);
    case 5: return Varint(number << 3 | 2) + Varint(0x7FFFFFF0 + random.Below(32), random.Below(7));
    default: return Deep(random);
  }
}

std::string Structural(const std::string& wire, const std::string& other, Random& random,
                       int depth);

void Break(Piece& piece, Random& random, int depth) {
  const uint32_t type = piece.tag & 7;
  switch (random.Below(6)) {
    case 0:  // a tag longer than needed; past five bytes it is refused
      piece.head = Varint(piece.tag, random.Below(7));
      return;
    case 1:  // bits past the 32nd
      piece.head = Varint(piece.tag | (1 + random.Below(7)) << 32, 5);
      return;
    case 2:
      piece.tag = (piece.tag & ~7u) | static_cast<uint32_t>(random.Below(8));
      piece.head = Varint(piece.tag);
      return;
    case 3:
      if (type == 0) {  // longer than needed; past ten bytes it is refused
        uint64_t value = 0;
        size_t at = 0;
        ReadVarint(piece.value, at, value);
        piece.value = Varint(value, random.Below(12));
      } else if (type == 2) {
        piece.head += Varint(piece.value.size(), random.Below(7));
        piece.tag = piece.tag & ~7u;  // from here on head and value as they stand
      }
      return;
    case 4:
      if (type == 0) piece.value = Varint(random.Number());
      if (type == 2) piece.value += random.Bytes(3);
      return;
    default:
      if (type == 2 && depth < 6) piece.value = Structural(piece.value, "", random, depth + 1);
      if (type == 0) piece.value = Varint(random.Below(4));
  }
}

std::string Structural(const std::string& wire, const std::string& other, Random& random,
                       int depth) {
  std::vector<Piece> pieces, others;
  if (!Split(wire, pieces) || pieces.empty()) return Raw(wire, other, random);
  const size_t at = random.Below(pieces.size());
  const auto place = pieces.begin() + static_cast<long>(random.Below(pieces.size() + 1));
  switch (random.Below(9)) {
    case 0: pieces.insert(place, Piece(pieces[at])); break;
    case 1: pieces.erase(pieces.begin() + static_cast<long>(at)); break;
    case 2: std::swap(pieces[at], pieces[random.Below(pieces.size())]); break;
    case 3: {
      Piece unknown;  // under any number: known fields with the wrong wire type among them
      unknown.head = UnknownField(1 + static_cast<uint32_t>(random.Below(110)), 4, random);
      pieces.insert(place, unknown);
      break;
    }
    case 4: {
      Piece broken;
      broken.head = Malformed(random);
      pieces.insert(place, broken);
      break;
    }
    case 5:
      if (Split(other, others) && !others.empty()) {
        pieces.insert(place, others[random.Below(others.size())]);
      }
      break;
    default: Break(pieces[at], random, depth);
  }
  return Join(pieces);
}

}  // namespace

std::string Damage(const std::string& wire, const std::string& other, Random& random) {
  if (random.Chance(0.1)) return wire + other;  // merged, as protobuf defines it
  std::string damaged = wire;
  for (uint64_t faults = 1 + random.Below(3); faults > 0; --faults) {
    damaged = random.Chance(0.25) ? Raw(damaged, other, random)
                                  : Structural(damaged, other, random, 0);
  }
  return damaged;
}

}  // namespace oracle
