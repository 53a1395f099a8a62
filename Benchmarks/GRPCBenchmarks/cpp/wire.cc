// libprotobuf's side of the wire benchmarks. Every line of its input is a task, every line of its
// output the ns of one operation, the fastest of so many slices of so many operations:
//
//   events FILE SLICES COUNT     a HostMessage of event columns: encoded from rows, and decoded
//   results FILE SLICES COUNT    a ServerMessage of results: encoded, and decoded
//
// The file holds the bytes that Swift encodes; what is encoded here must be the same bytes.

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "sample.h"

namespace bench {
namespace {

template <typename Body>
double Fastest(int slices, int count, Body body) {
  int64_t best = INT64_MAX;
  for (int slice = 0; slice < slices; ++slice) {
    const int64_t begun = WallTime();
    for (int i = 0; i < count; ++i) body();
    best = std::min(best, WallTime() - begun);
  }
  return static_cast<double>(best) / count;
}

template <typename Message, typename Encode>
std::string Measure(const std::string& bytes, int slices, int count, Encode encode) {
  std::string out;
  encode(out);
  if (out != bytes) GiveUp("wire-peer: libprotobuf makes other bytes of the same message");
  volatile size_t kept = 0;
  const double encoding = Fastest(slices, count, [&] {
    encode(out);
    kept = kept + out.size();
  });
  Message reused;
  const double decoding = Fastest(slices, count, [&] {
    if (!reused.ParseFromString(bytes)) GiveUp("wire-peer: the bytes are no message");
    kept = kept + static_cast<size_t>(reused.message_case());
  });
  const double fresh = Fastest(slices, count, [&] {
    Message message;
    if (!message.ParseFromString(bytes)) GiveUp("wire-peer: the bytes are no message");
    kept = kept + static_cast<size_t>(message.message_case());
  });
  std::ostringstream text;
  text << "{\"encode\": " << encoding << ", \"decode\": " << decoding
       << ", \"decode_fresh\": " << fresh << "}";
  return text.str();
}

std::string Run(const std::string& task, const std::string& bytes, int slices, int count) {
  if (task == "events") {
    wire::HostMessage message;
    if (!message.ParseFromString(bytes)) GiveUp("wire-peer: the bytes are no message");
    const int rows = static_cast<int>(message.events().count());
    return Measure<wire::HostMessage>(bytes, slices, count, [&](std::string& out) {
      Fill(message, 0, rows);
      message.SerializeToString(&out);
    });
  }
  if (task == "results") {
    wire::ServerMessage message;
    if (!message.ParseFromString(bytes)) GiveUp("wire-peer: the bytes are no message");
    return Measure<wire::ServerMessage>(
        bytes, slices, count, [&](std::string& out) { message.SerializeToString(&out); });
  }
  GiveUp("wire-peer: not a task: " + task);
}

}  // namespace
}  // namespace bench

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string task, path;
    int slices = 0, count = 0;
    words >> task >> path >> slices >> count;
    std::ifstream file(path, std::ios::binary);
    if (!words || !file) bench::GiveUp("wire-peer: not a task: " + line);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    std::cout << bench::Run(task, bytes, slices, count) << std::endl;
  }
}
