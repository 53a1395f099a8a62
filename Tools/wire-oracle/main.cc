// What libprotobuf says: makes random and damaged messages, and judges what somebody else made of
// them. Driven by Tests/StrategyWireTests over standard input and output.
//
// A frame is its length (32 bits) and its bytes; a text or message inside it likewise; all numbers
// little-endian. A request is an operation, the full name of a message type, and:
//   G seed (64 bits), count (32)    random messages: count messages
//   D seed, count                   damaged ones: count times (accepted (8 bits), message)
//   C count, (original, copy)...    per pair (8 bits): 0 the same bytes in canonical form,
//                                   1 the same value, 2 another value, 3 the copy is refused,
//                                   4 the original is refused
//   T message                       its text form on one line, empty if it is refused
// The program ends at the end of input; anything it cannot read ends it with 65.

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "damage.h"
#include "random_message.h"

namespace oracle {
namespace {

using google::protobuf::Message;

[[noreturn]] void Stop(const std::string& why) {
  std::fprintf(stderr, "wire-oracle: %s\n", why.c_str());
  std::exit(65);
}

class Request {
 public:
  explicit Request(std::string bytes) : bytes_(std::move(bytes)) {}
  template <typename Number>
  Number Take() {
    Number number;
    std::memcpy(&number, Bytes(sizeof number), sizeof number);
    return number;
  }
  std::string Text() {
    const uint32_t size = Take<uint32_t>();
    return std::string(Bytes(size), size);
  }

 private:
  const char* Bytes(size_t size) {
    if (size > bytes_.size() - at_) Stop("the request ends early");
    at_ += size;
    return bytes_.data() + at_ - size;
  }
  std::string bytes_;
  size_t at_ = 0;
};

class Reply {
 public:
  template <typename Number>
  void Put(Number number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  void Text(const std::string& text) {
    Put(static_cast<uint32_t>(text.size()));
    bytes_ += text;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// Deterministic, so that equal messages have equal bytes.
std::string Canonical(const Message& message) {
  std::string wire;
  google::protobuf::io::StringOutputStream stream(&wire);
  google::protobuf::io::CodedOutputStream out(&stream);
  out.SetSerializationDeterministic(true);
  if (!message.SerializeToCodedStream(&out)) Stop("a message cannot be serialized");
  out.Trim();
  return wire;
}

class Judge {
 public:
  explicit Judge(const std::string& name) {
    const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(name);
    if (type == nullptr) Stop("no message type " + name);
    prototype_ = google::protobuf::MessageFactory::generated_factory()->GetPrototype(type);
  }

  std::string Random(uint64_t seed) const {
    oracle::Random random(seed);
    std::unique_ptr<Message> message(prototype_->New());
    Fill(message.get(), random);
    return Canonical(*message);
  }

  std::unique_ptr<Message> Parse(const std::string& wire) const {
    std::unique_ptr<Message> message(prototype_->New());
    if (!message->ParseFromString(wire)) message.reset();
    return message;
  }

  uint8_t Compare(const std::string& original, const std::string& copy) const {
    const auto first = Parse(original), second = Parse(copy);
    if (first == nullptr) return 4;
    if (second == nullptr) return 3;
    const std::string canonical = Canonical(*first);
    if (canonical == copy) return 0;
    return canonical == Canonical(*second) ? 1 : 2;
  }

 private:
  const Message* prototype_;
};

void Answer(Request& request, Reply& reply) {
  const char operation = request.Take<char>();
  const Judge judge(request.Text());
  switch (operation) {
    case 'G': {
      const uint64_t seed = request.Take<uint64_t>();
      const uint32_t count = request.Take<uint32_t>();
      for (uint32_t i = 0; i < count; ++i) reply.Text(judge.Random(seed + i));
      return;
    }
    case 'D': {
      const uint64_t seed = request.Take<uint64_t>();
      const uint32_t count = request.Take<uint32_t>();
      std::string wire = judge.Random(seed - 1);
      for (uint32_t i = 0; i < count; ++i) {
        Random random(seed + i);
        const std::string other = judge.Random(seed + i);
        const std::string damaged = Damage(wire, other, random);
        reply.Put(static_cast<uint8_t>(judge.Parse(damaged) != nullptr));
        reply.Text(damaged);
        wire = other;
      }
      return;
    }
    case 'C': {
      const uint32_t count = request.Take<uint32_t>();
      for (uint32_t i = 0; i < count; ++i) {
        const std::string original = request.Text();
        reply.Put(judge.Compare(original, request.Text()));
      }
      return;
    }
    case 'T': {
      google::protobuf::TextFormat::Printer printer;
      printer.SetSingleLineMode(true);
      printer.SetUseUtf8StringEscaping(true);
      std::string text;
      const auto message = judge.Parse(request.Text());
      if (message != nullptr) printer.PrintToString(*message, &text);
      reply.Text(text);
      return;
    }
    default: Stop(std::string("unknown operation ") + operation);
  }
}

int Serve() {
  uint32_t size = 0;
  while (std::fread(&size, sizeof size, 1, stdin) == 1) {
    std::string bytes(size, '\0');
    if (std::fread(bytes.data(), 1, size, stdin) != size) Stop("the input ends inside a frame");
    Request request(std::move(bytes));
    Reply reply;
    Answer(request, reply);
    const uint32_t length = static_cast<uint32_t>(reply.bytes().size());
    std::fwrite(&length, sizeof length, 1, stdout);
    std::fwrite(reply.bytes().data(), 1, length, stdout);
    if (std::fflush(stdout) != 0) return 0;  // whoever asked has gone
  }
  return 0;
}

}  // namespace
}  // namespace oracle

int main() {
  google::protobuf::SetLogHandler(nullptr);  // refused texts are an answer, not an event
  return oracle::Serve();
}
