// A strategy server on grpc++'s callback API that answers every message of events with one result
// and the watermark: `grpc-server unix:PATH`. It ends when its standard input closes.

#include <grpcpp/grpcpp.h>

#include <iostream>

#include "madang/strategy/v1/service.grpc.pb.h"
#include "sample.h"

namespace bench {
namespace {

class Session : public grpc::ServerBidiReactor<wire::HostMessage, wire::ServerMessage> {
 public:
  Session() { StartRead(&request_); }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::OK);
    const wire::Events& events = request_.events();
    const wire::Ticks& ticks = events.ticks();
    const int last = ticks.offset_size() - 1;
    if (last < 0) return Finish({grpc::StatusCode::INVALID_ARGUMENT, "no ticks"});
    const uint64_t position = events.previous() + ticks.offset(last);
    wire::Results& results = *reply_.mutable_results();
    results.Clear();
    wire::Result& result = *results.add_results();
    result.set_position(position);
    result.set_instrument(ticks.instrument(last));
    result.set_action(wire::Result::BUY);
    result.set_confidence(700'000);
    results.set_watermark(position);
    StartWrite(&reply_);
  }
  void OnWriteDone(bool ok) override {
    if (ok) StartRead(&request_);
  }
  void OnDone() override { delete this; }

  wire::HostMessage request_;
  wire::ServerMessage reply_;
};

class Server : public wire::StrategyServer::CallbackService {
  grpc::ServerUnaryReactor* Describe(grpc::CallbackServerContext* context,
                                     const wire::DescribeRequest*,
                                     wire::DescribeResponse* response) override {
    response->set_name("echo");
    response->set_version("1.0");
    response->set_instance_id("bench");
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerBidiReactor<wire::HostMessage, wire::ServerMessage>* Run(
      grpc::CallbackServerContext*) override {
    return new Session;
  }
};

}  // namespace
}  // namespace bench

int main(int count, char** arguments) {
  if (count != 2) bench::GiveUp("usage: grpc-server unix:PATH");
  bench::Server service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(arguments[1], grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server) bench::GiveUp(std::string("cannot listen at ") + arguments[1]);
  std::cout << "{\"listening\": true}" << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  server->Shutdown(std::chrono::system_clock::now());
}
