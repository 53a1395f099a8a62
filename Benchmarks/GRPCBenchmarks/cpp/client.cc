// The client that ours is measured against: grpc++'s callback API over libprotobuf's messages.
// Every line of its input is a task, every line of its output the figures of one:
//
//   unary TARGET COUNT             calls, one after the other
//   stream TARGET COUNT            messages of one tick on one stream, one at a time
//   blocking TARGET COUNT          the same by the blocking API, on one thread: no hop at all
//   batched TARGET COUNT TICKS AHEAD   messages of so many ticks, so many unanswered at once
//
// COUNT is measured; a tenth of it goes before as a warm-up, on the same stream.

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <condition_variable>
#include <iostream>
#include <map>
#include <mutex>
#include <sstream>
#include <vector>

#include "madang/strategy/v1/service.grpc.pb.h"
#include "sample.h"

namespace bench {
namespace {

// What a task measures: from the first message behind the warm-up to the last.
class Figures {
 public:
  explicit Figures(int count) : warm_up_(count / 10), count_(count) { times_.reserve(count); }
  int total() const { return warm_up_ + count_; }
  // Before message `index` is made, from 0.
  void Begin(int index) {
    begun_ = WallTime();
    if (index == warm_up_) {
      wall_ = begun_;
      processor_ = ProcessorTime();
    }
  }
  // When its answer has been read and understood.
  void End(int index) {
    if (index >= warm_up_) times_.push_back(WallTime() - begun_);
    EndBatched(index);
  }
  void EndBatched(int index) {
    if (index != total() - 1) return;
    wall_ = WallTime() - wall_;
    processor_ = ProcessorTime() - processor_;
  }
  std::string Json() {
    std::sort(times_.begin(), times_.end());
    auto at = [&](double share) {
      return times_.empty() ? 0 : times_[static_cast<size_t>((times_.size() - 1) * share + 0.5)];
    };
    std::ostringstream text;
    text << "{\"p50\": " << at(0.5) << ", \"p99\": " << at(0.99) << ", \"wall\": " << wall_
         << ", \"cpu\": " << processor_ << ", \"count\": " << count_ << "}";
    return text.str();
  }

 private:
  const int warm_up_;
  const int count_;
  int64_t begun_ = 0;
  int64_t wall_ = 0;
  int64_t processor_ = 0;
  std::vector<int64_t> times_;
};

class Done {
 public:
  void Set() {
    std::lock_guard<std::mutex> lock(mutex_);
    done_ = true;
    condition_.notify_one();
  }
  void Wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    condition_.wait(lock, [this] { return done_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool done_ = false;
};

class Unary {
 public:
  Unary(wire::StrategyServer::Stub& stub, Figures& figures) : stub_(stub), figures_(figures) {
    request_.set_host("bench");
  }
  void Run() {
    Next();
    done_.Wait();
  }

 private:
  void Next() {
    context_ = std::make_unique<grpc::ClientContext>();
    context_->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    figures_.Begin(index_);
    stub_.async()->Describe(context_.get(), &request_, &response_, [this](grpc::Status status) {
      if (!status.ok() || response_.name() != "echo") GiveUp("unary: " + status.error_message());
      figures_.End(index_);
      if (++index_ == figures_.total()) return done_.Set();
      Next();
    });
  }

  wire::StrategyServer::Stub& stub_;
  Figures& figures_;
  std::unique_ptr<grpc::ClientContext> context_;
  wire::DescribeRequest request_;
  wire::DescribeResponse response_;
  int index_ = 0;
  Done done_;
};

class Stream : public grpc::ClientBidiReactor<wire::HostMessage, wire::ServerMessage> {
 public:
  Stream(wire::StrategyServer::Stub& stub, Figures& figures, int ticks, int ahead)
      : figures_(figures), ticks_(ticks), ahead_(ahead) {
    stub.async()->Run(&context_, this);
  }
  void Run() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      Send();
    }
    StartRead(&reply_);
    StartCall();
    done_.Wait();
  }

 private:
  // Under the lock: sends the next message if credit and the write before it allow.
  void Send() {
    if (is_writing_ || sent_ - answered_ >= ahead_ || sent_ == figures_.total()) return;
    figures_.Begin(sent_);
    Fill(message_, static_cast<uint64_t>(sent_) * ticks_, ticks_);
    is_writing_ = true;
    ++sent_;
    StartWrite(&message_);
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return;  // the end of the stream says why
    std::lock_guard<std::mutex> lock(mutex_);
    is_writing_ = false;
    Send();
  }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    std::lock_guard<std::mutex> lock(mutex_);
    const wire::Results& results = reply_.results();
    const uint64_t expected = PositionOf(static_cast<uint64_t>(answered_ + 1) * ticks_);
    if (results.watermark() != expected || results.results_size() != 1)
      GiveUp("stream: answered through another position than was sent");
    if (ahead_ == 1)
      figures_.End(answered_);
    else
      figures_.EndBatched(answered_);
    ++answered_;
    if (answered_ == figures_.total()) return StartWritesDone();
    StartRead(&reply_);
    Send();
  }
  void OnDone(const grpc::Status& status) override {
    if (!status.ok() || answered_ != figures_.total()) GiveUp("stream: " + status.error_message());
    done_.Set();
  }

  std::mutex mutex_;
  grpc::ClientContext context_;
  Figures& figures_;
  const int ticks_;
  const int ahead_;
  wire::HostMessage message_;
  wire::ServerMessage reply_;
  bool is_writing_ = false;
  int sent_ = 0;
  int answered_ = 0;
  Done done_;
};

void Block(wire::StrategyServer::Stub& stub, Figures& figures) {
  grpc::ClientContext context;
  auto stream = stub.Run(&context);
  wire::HostMessage message;
  wire::ServerMessage reply;
  for (int index = 0; index < figures.total(); ++index) {
    figures.Begin(index);
    Fill(message, static_cast<uint64_t>(index), 1);
    if (!stream->Write(message) || !stream->Read(&reply)) GiveUp("blocking: it ended early");
    if (reply.results().watermark() != PositionOf(static_cast<uint64_t>(index) + 1))
      GiveUp("blocking: answered through another position than was sent");
    figures.End(index);
  }
  stream->WritesDone();
  if (stream->Read(&reply) || !stream->Finish().ok()) GiveUp("blocking: it did not end well");
}

}  // namespace
}  // namespace bench

int main() {
  using namespace bench;
  std::map<std::string, std::unique_ptr<wire::StrategyServer::Stub>> stubs;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string task, target;
    int count = 0, ticks = 1, ahead = 1;
    words >> task >> target >> count;
    if (task == "batched") words >> ticks >> ahead;
    if (!words || count < 10) GiveUp("grpc-client: not a task: " + line);
    auto& stub = stubs[target];
    if (!stub)
      stub = wire::StrategyServer::NewStub(
          grpc::CreateChannel(target, grpc::InsecureChannelCredentials()));
    Figures figures(count);
    if (task == "unary")
      Unary(*stub, figures).Run();
    else if (task == "blocking")
      Block(*stub, figures);
    else
      Stream(*stub, figures, ticks, ahead).Run();
    std::cout << figures.Json() << std::endl;
  }
}
