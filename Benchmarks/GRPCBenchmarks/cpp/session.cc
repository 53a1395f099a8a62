// A session with a strategy server as bare as can be: Configure, Ready, then messages of events with so
// many unanswered at once, until the server has answered the last. It ends with 0 and says how many
// results came.
//
//   grpc-session TARGET MESSAGES EVENTS AHEAD ticks|candles

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <deque>
#include <iostream>
#include <mutex>

#include "madang/strategy/v1/service.grpc.pb.h"
#include "sample.h"

namespace bench {
namespace {

class Session : public grpc::ClientBidiReactor<wire::HostMessage, wire::ServerMessage> {
 public:
  Session(wire::StrategyServer::Stub& stub, int messages, int events, int ahead, bool candles)
      : messages_(messages), events_(events), ahead_(ahead), candles_(candles) {
    context_.set_wait_for_ready(true);  // a socket's file is there before anybody listens
    stub.async()->Run(&context_, this);
  }
  int64_t Run() {
    Configure(*message_.mutable_configure());
    {
      std::lock_guard<std::mutex> lock(mutex_);
      is_writing_ = true;
      StartWrite(&message_);
    }
    StartRead(&reply_);
    StartCall();
    std::unique_lock<std::mutex> lock(mutex_);
    over_.wait(lock, [this] { return done_; });
    return results_;
  }

 private:
  static void Configure(wire::Configure& configure) {
    configure.set_revision(1);
    configure.set_session("bare");
    configure.set_epoch(1);
    configure.set_mode(wire::Configure::BACKTEST);
    wire::Limits& limits = *configure.mutable_limits();
    limits.set_message_bytes(1 << 20);
    limits.set_results_per_event(64);
    limits.set_text_bytes(4'096);
    limits.set_logs_per_second(10);
    limits.set_credit(4'096);
    for (uint32_t number = 0; number < 4; ++number) {
      wire::Instrument& instrument = *configure.add_instruments();
      instrument.set_number(number);
      instrument.set_symbol("KR000" + std::to_string(number + 1));
      instrument.set_market("KR");
      instrument.set_currency("KRW");
      instrument.set_lot(100'000'000);
      instrument.set_time_zone("Asia/Seoul");
    }
  }

  // Under the lock.
  void Send() {
    if (!is_ready_ || is_writing_ || sent_ == messages_) return;
    if (static_cast<int>(waiting_.size()) >= ahead_) return;
    const uint64_t previous = static_cast<uint64_t>(sent_) * static_cast<uint64_t>(events_);
    (candles_ ? FillCandles : FillWalk)(message_, previous, events_);
    ++sent_;
    waiting_.push_back(PositionOf(previous + static_cast<uint64_t>(events_)));
    is_writing_ = true;
    StartWrite(&message_);
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return;  // the end of the stream says why
    std::lock_guard<std::mutex> lock(mutex_);
    is_writing_ = false;
    Send();
  }
  void Close(uint64_t position) {
    while (!waiting_.empty() && waiting_.front() <= position) waiting_.pop_front();
  }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    std::lock_guard<std::mutex> lock(mutex_);
    if (reply_.has_ready()) is_ready_ = true;
    if (reply_.has_failure()) GiveUp("session: " + reply_.failure().message());
    if (reply_.has_watermark()) Close(reply_.watermark().position());
    if (reply_.has_results()) {
      results_ += reply_.results().results_size();
      if (reply_.results().has_watermark()) Close(reply_.results().watermark());
    }
    if (sent_ == messages_ && waiting_.empty()) {
      context_.TryCancel();
      return;
    }
    StartRead(&reply_);
    Send();
  }
  void OnDone(const grpc::Status& status) override {
    std::lock_guard<std::mutex> lock(mutex_);
    if (sent_ != messages_ || !waiting_.empty()) GiveUp("session: " + status.error_message());
    done_ = true;
    over_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable over_;
  grpc::ClientContext context_;
  const int messages_;
  const int events_;
  const int ahead_;
  const bool candles_;
  wire::HostMessage message_;
  wire::ServerMessage reply_;
  std::deque<uint64_t> waiting_;
  bool is_ready_ = false;
  bool is_writing_ = false;
  bool done_ = false;
  int sent_ = 0;
  int64_t results_ = 0;
};

}  // namespace
}  // namespace bench

int main(int count, char** words) {
  using namespace bench;
  const std::string kind = count == 6 ? words[5] : "";
  if (kind != "ticks" && kind != "candles") {
    GiveUp("grpc-session TARGET MESSAGES EVENTS AHEAD ticks|candles");
  }
  auto stub = wire::StrategyServer::NewStub(
      grpc::CreateChannel(words[1], grpc::InsecureChannelCredentials()));
  Session session(*stub, std::atoi(words[2]), std::atoi(words[3]), std::atoi(words[4]),
                  kind == "candles");
  std::cout << "{\"results\": " << session.Run() << "}" << std::endl;
}
