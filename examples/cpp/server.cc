// A strategy server for Madang in C++: the rim. It carries messages between gRPC and sessions, starts
// and ends. The contract is docs/PROTOCOL.md and Protos/madang/strategy/v1; session.cc keeps it.
#include <csignal>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <memory>
#include <mutex>
#include <random>
#include <thread>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include "madang/strategy/v1/service.grpc.pb.h"
#include "session.h"

namespace cross {
namespace {

class Stream;

// Sessions outlive their streams; of two streams of one session the newer has it.
class Registry {
  public:
    Registry(std::string instance, int snapshot_every)
        : instance(std::move(instance)), snapshot_every(snapshot_every) {}

    struct Entry {
        std::mutex mutex;
        std::unique_ptr<Session> session;
        const Stream* owner = nullptr;  // only compared
        std::uint64_t turn = 0;
    };
    // A session, and which of its streams this is.
    struct Taken {
        std::shared_ptr<Entry> entry;
        std::uint64_t turn;
    };

    // Gives the session of this Configure to stream. Throws End where an open stream is as new.
    Taken take(const wire::Configure& configure,
                                const std::shared_ptr<Stream>& stream);
    void forget(const std::string& session, const Stream* stream);
    void leave(const std::string& session, const Stream* stream);
    void stop();

    const std::string instance;
    const int snapshot_every;

  private:
    struct Place {
        std::shared_ptr<Entry> entry = std::make_shared<Entry>();
        std::shared_ptr<Stream> open;
        std::uint64_t epoch = 0;
        std::uint64_t turns = 0;
    };
    std::mutex mutex_;
    std::map<std::string, Place> places_;
};

// One Run call. gRPC calls its reactions on threads of its own: one read and one write at a time.
// No lock is held where gRPC is called, for it may react at once on the same thread.
class Stream : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
               public std::enable_shared_from_this<Stream> {
  public:
    static Stream* open(Registry& registry) {
        std::shared_ptr<Stream> stream(new Stream(registry));
        stream->self_ = stream;
        stream->StartRead(&incoming(*stream));
        return stream.get();
    }

    void OnReadDone(bool ok) override {
        if (!ok) return end(grpc::Status::OK);  // the host is gone, or has nothing more to say
        Session::Answers answers;
        grpc::Status status;
        bool goes_on = true;
        try {
            goes_on = take(parsed(), answers);
        } catch (const End& reason) {
            status = grpc::Status(reason.code, reason.what());
            goes_on = false;
        } catch (const std::exception& failure) {
            status = grpc::Status(grpc::StatusCode::INTERNAL, failure.what());
            goes_on = false;
        }
        post(answers);
        if (!goes_on) return end(status);
        read_on();
    }

    void OnWriteDone(bool ok) override {
        {
            std::lock_guard lock(mutex_);
            outbox_.pop_front();
            if (!ok) outbox_.clear();
            is_writing_ = false;
        }
        carry_on();
        if (waits_to_read()) read_on();
    }

    void OnCancel() override { end(grpc::Status::CANCELLED); }
    void OnDone() override { self_.reset(); }

    // Ends the call behind what is to be sent. The first end stands.
    void end(const grpc::Status& status) {
        std::string session;
        {
            std::lock_guard lock(mutex_);
            if (is_ending_) return;
            is_ending_ = true;
            status_ = status;
            session = session_name_;
        }
        if (!session.empty()) registry_.leave(session, this);
        carry_on();
    }

    // The process ends: says so, and where it stands.
    void stop() {
        Session::Answers answers;
        std::shared_ptr<Registry::Entry> entry;
        {
            std::lock_guard lock(mutex_);
            entry = entry_;
        }
        if (entry) {
            std::lock_guard lock(entry->mutex);
            if (entry->owner == this && entry->session)
                answers.emplace_back().mutable_drained()->set_position(entry->session->position());
        }
        post(answers);
        end(grpc::Status::OK);
    }

  private:
    explicit Stream(Registry& registry) : registry_(registry) {}
    static grpc::ByteBuffer& incoming(Stream& stream) { return stream.incoming_; }

    wire::HostMessage parsed() {
        wire::HostMessage message;
        const auto status =
            grpc::SerializationTraits<wire::HostMessage>::Deserialize(&incoming_, &message);
        if (!status.ok())
            throw End(grpc::StatusCode::INVALID_ARGUMENT, "these bytes are no HostMessage");
        return message;
    }

    // Returns false where the call ends in order.
    bool take(const wire::HostMessage& message, Session::Answers& answers) {
        if (!is_configured_) return start(message, answers);
        std::lock_guard lock(entry_->mutex);
        if (entry_->owner != this) throw End(grpc::StatusCode::ABORTED, "a newer stream took over");
        if (entry_->session->take(message, answers)) return true;
        entry_->session.reset();
        registry_.forget(session_name_, this);
        return false;
    }

    // Configure, then the parts of a snapshot where one was announced.
    bool start(const wire::HostMessage& message, Session::Answers& answers) {
        if (configure_.session().empty()) {
            if (!message.has_configure())
                throw End(grpc::StatusCode::FAILED_PRECONDITION,
                          "the first message must be Configure");
            if (message.configure().session().empty())
                throw End(grpc::StatusCode::FAILED_PRECONDITION, "Configure.session is missing");
            configure_ = message.configure();
        } else {
            if (!message.has_snapshot())
                throw End(grpc::StatusCode::FAILED_PRECONDITION, "a SnapshotPart was announced");
            snapshot_.push_back(message.snapshot());
        }
        if (configure_.snapshot_follows() && (snapshot_.empty() || !snapshot_.back().last()))
            return true;
        // Made first: one that cannot be followed ends no other stream.
        auto fresh = std::make_unique<Session>(configure_, registry_.instance,
                                               registry_.snapshot_every);
        auto [entry, turn] = registry_.take(configure_, shared_from_this());
        if (!settle(entry)) {
            registry_.leave(configure_.session(), this);
            throw End(grpc::StatusCode::CANCELLED, "the call has ended");
        }
        std::lock_guard lock(entry->mutex);
        // A newer stream may have come in between: it keeps what it has.
        if (entry->turn > turn)
            throw End(grpc::StatusCode::ABORTED, "a newer stream took over");
        entry->turn = turn;
        entry->owner = this;
        if (entry->session && entry->session->may_go_on(configure_)) {
            entry->session->go_on(configure_, answers);
        } else {
            entry->session = std::move(fresh);
            entry->session->begin(configure_, snapshot_, answers);
        }
        is_configured_ = true;
        snapshot_.clear();
        return true;
    }

    // Returns false where the call has ended before its session was known.
    bool settle(const std::shared_ptr<Registry::Entry>& entry) {
        std::lock_guard lock(mutex_);
        entry_ = entry;
        session_name_ = configure_.session();
        return !is_ending_;
    }

    void post(const Session::Answers& answers) {
        {
            std::lock_guard lock(mutex_);
            for (const auto& answer : answers) {
                bool is_own = false;
                grpc::SerializationTraits<wire::ServerMessage>::Serialize(
                    answer, &outbox_.emplace_back(), &is_own);
            }
        }
        carry_on();
    }

    // Writes the next message, or finishes, whichever is due.
    void carry_on() {
        enum { kNothing, kWrite, kFinish } next = kNothing;
        {
            std::lock_guard lock(mutex_);
            if (is_writing_ || is_finished_) return;
            if (!outbox_.empty()) {
                is_writing_ = true;
                next = kWrite;
            } else if (is_ending_) {
                is_finished_ = true;
                next = kFinish;
            }
        }
        if (next == kWrite) StartWrite(&outbox_.front());
        if (next == kFinish) Finish(status_);
    }

    // A host that takes no answers is not read on: it waits in its own socket.
    void read_on() {
        {
            std::lock_guard lock(mutex_);
            if (is_ending_) return;
            if (outbox_.size() > kMostUnsent) {
                waits_to_read_ = true;
                return;
            }
        }
        StartRead(&incoming_);
    }
    bool waits_to_read() {
        std::lock_guard lock(mutex_);
        return std::exchange(waits_to_read_, false);
    }
    static constexpr std::size_t kMostUnsent = 64;

    Registry& registry_;
    std::shared_ptr<Stream> self_;
    grpc::ByteBuffer incoming_;

    // Of the reading side alone.
    bool is_configured_ = false;
    wire::Configure configure_;
    std::vector<wire::SnapshotPart> snapshot_;

    std::mutex mutex_;
    // Written by the reading side, which reads them without the lock.
    std::shared_ptr<Registry::Entry> entry_;
    std::string session_name_;
    std::deque<grpc::ByteBuffer> outbox_;
    bool is_writing_ = false, is_ending_ = false, is_finished_ = false, waits_to_read_ = false;
    grpc::Status status_;
};

Registry::Taken Registry::take(const wire::Configure& configure,
                               const std::shared_ptr<Stream>& stream) {
    std::shared_ptr<Stream> older;
    Taken taken;
    {
        std::lock_guard lock(mutex_);
        auto& place = places_[configure.session()];
        if (place.open && place.epoch >= configure.epoch())
            throw End(grpc::StatusCode::ABORTED,
                      "epoch " + std::to_string(configure.epoch()) + " is not above " +
                          std::to_string(place.epoch) + ", whose stream is open");
        older = std::move(place.open);
        place.open = stream;
        place.epoch = configure.epoch();
        taken = {place.entry, ++place.turns};
    }
    if (older)
        older->end({grpc::StatusCode::ABORTED,
                    "epoch " + std::to_string(configure.epoch()) + " took over"});
    return taken;
}

void Registry::leave(const std::string& session, const Stream* stream) {
    std::shared_ptr<Stream> left;  // let go of outside the lock
    std::lock_guard lock(mutex_);
    const auto place = places_.find(session);
    if (place != places_.end() && place->second.open.get() == stream)
        left = std::move(place->second.open);
}

void Registry::forget(const std::string& session, const Stream* stream) {
    std::lock_guard lock(mutex_);
    const auto place = places_.find(session);
    if (place != places_.end() && place->second.open.get() == stream) places_.erase(place);
}

void Registry::stop() {
    std::vector<std::shared_ptr<Stream>> open;
    {
        std::lock_guard lock(mutex_);
        for (const auto& [name, place] : places_)
            if (place.open) open.push_back(place.open);
    }
    for (const auto& stream : open) stream->stop();
}

using Base = wire::StrategyServer::WithCallbackMethod_Describe<
    wire::StrategyServer::WithRawCallbackMethod_Run<wire::StrategyServer::Service>>;

class Service final : public Base {
  public:
    explicit Service(Registry& registry) : registry_(registry) {}

    grpc::ServerUnaryReactor* Describe(grpc::CallbackServerContext* context,
                                       const wire::DescribeRequest* request,
                                       wire::DescribeResponse* response) override {
        *response = describe(*request, registry_.instance);
        auto* reactor = context->DefaultReactor();
        reactor->Finish(grpc::Status::OK);
        return reactor;
    }

    grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Run(
        grpc::CallbackServerContext*) override {
        return Stream::open(registry_);
    }

  private:
    Registry& registry_;
};

// MARK: The process

[[noreturn]] void refuse(const std::string& words) {
    std::cerr << words << std::endl;
    std::exit(1);
}

// Plain text is for this machine: beyond it a server demands TLS and a token, which this one has not.
void check_address(const std::string& address) {
    if (address.rfind("unix:", 0) == 0) {
        // A file that a crash left is replaced; one at which somebody listens is not.
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        const std::string path = address.substr(5);
        if (path.size() >= sizeof name.sun_path) refuse(path + " is too long for a socket");
        path.copy(name.sun_path, path.size());
        const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const bool is_taken =
            connect(probe, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0;
        close(probe);
        if (is_taken) refuse("somebody listens at " + address + " already");
        return;
    }
    const std::string host = address.substr(0, address.rfind(':'));
    if (host != "localhost" && host != "[::1]" && host.rfind("127.", 0) != 0)
        refuse("'" + address + "' is beyond this machine, and this server knows no TLS");
}

std::string new_instance() {
    std::random_device source;
    std::string text;
    for (int i = 0; i < 16; ++i) text += "0123456789abcdef"[source() % 16];
    return text;
}

// Ends this process when the host's end of the pipe is gone.
void watch_parent() {
    const char* number = std::getenv("MADANG_PARENT_FD");
    if (number == nullptr) return;
    const int pipe = std::atoi(number);
    fcntl(pipe, F_SETFD, FD_CLOEXEC);
    std::thread([pipe] {
        char byte;
        ssize_t count;
        do count = read(pipe, &byte, 1);
        while (count > 0 || (count < 0 && errno == EINTR));
        kill(getpid(), SIGTERM);
    }).detach();
}

int serve(int count, char** words) {
    const char* named = std::getenv("MADANG_ADDRESS");
    std::string address = named == nullptr ? "" : named;
    int snapshot_every = 256;
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        if (word == "--snapshot-every" && i + 1 < count)
            snapshot_every = std::atoi(words[++i]);
        else if (word.rfind("--", 0) != 0)
            address = word;
        else
            refuse("usage: cross-server [ADDRESS] [--snapshot-every EVENTS]");
    }
    if (address.empty()) refuse("where to listen? Set MADANG_ADDRESS, or give an address");
    check_address(address);

    // Every thread inherits it, so that the signal waits for this one.
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);

    Registry registry(new_instance(), snapshot_every);
    Service service(registry);
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    builder.AddListeningPort(address, grpc::InsecureServerCredentials());
    builder.RegisterService(&service);
    const auto server = builder.BuildAndStart();
    if (!server) refuse("cannot listen at " + address);
    std::cout << kName << ' ' << kVersion << " listens at " << address << std::endl;
    watch_parent();

    int signal = 0;
    sigwait(&ends, &signal);
    registry.stop();
    server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
    return 0;
}

}  // namespace
}  // namespace cross

int main(int count, char** words) { return cross::serve(count, words); }
