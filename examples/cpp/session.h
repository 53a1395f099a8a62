// One session with a host, as docs/PROTOCOL.md wants it: what comes, and what is answered. A value
// without threads, sockets or clocks; server.cc carries.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <grpcpp/support/status.h>

#include "cross.h"
#include "madang/strategy/v1/service.pb.h"

namespace cross {

namespace wire = madang::strategy::v1;

// Who this is. The version is raised whenever the same candles would give other results.
inline constexpr char kName[] = "cross-cpp";
inline constexpr char kVersion[] = "1";

// Ends the call with this status.
struct End : std::runtime_error {
    End(grpc::StatusCode code, const std::string& words) : std::runtime_error(words), code(code) {}
    grpc::StatusCode code;
};

// What the server wants to hear, for these parameters; what does not fit is passed over.
wire::DescribeResponse describe(const wire::DescribeRequest& request, const std::string& instance);

class Session {
  public:
    using Answers = std::vector<wire::ServerMessage>;

    // Throws End where the Configure cannot be followed.
    //
    // snapshot_every: events between two snapshots; 0: none.
    Session(const wire::Configure& configure, std::string instance, int snapshot_every);

    // Whether the state may go on for a host that connects again.
    bool may_go_on(const wire::Configure& configure) const;

    // Answers a Configure of a session that lived on: Ready, and what the host may not have.
    void go_on(const wire::Configure& configure, Answers& answers);

    // Answers the first Configure. A snapshot that cannot be taken is told and left aside.
    void begin(const wire::Configure& configure, const std::vector<wire::SnapshotPart>& snapshot,
               Answers& answers);

    // Answers any message behind Ready. Throws End; what was answered before stands in answers.
    //
    // Returns false behind Drain: the session is over.
    bool take(const wire::HostMessage& message, Answers& answers);

    std::uint64_t position() const { return position_; }

  private:
    void events(const wire::Events& events, Answers& answers);
    void warm_up(const wire::WarmUp& part, Answers& answers);
    // Passes rows to the strategy in the order of their positions, and follows the list of instruments.
    std::vector<wire::Result> judge(const wire::Events& events);
    void configured(const wire::Configure& configure);
    // An instrument joins, behind the history that came for it, or leaves.
    void change(const wire::InstrumentChanges& changes, int row);
    void ready(Answers& answers, bool needs_warm_up = false) const;
    void answer(std::vector<wire::Result> results, Answers& answers) const;
    void snapshot(Answers& answers);
    std::string signature() const;
    void restore(const std::vector<wire::SnapshotPart>& parts);
    // joining: those of a history for instruments about to join; else they follow from the changes.
    void check(const wire::Events& events, const std::set<std::uint32_t>& joining = {}) const;

    const Parameters parameters_;
    const std::string instance_;
    const int snapshot_every_;
    // What must be the same for a state to go on.
    const wire::Configure::Mode mode_;
    const std::string parameter_hash_, account_;
    wire::Limits limits_;
    std::uint64_t epoch_ = 0;

    // By the session's number; every instrument has an entry.
    std::map<std::uint32_t, Cross> crosses_;
    // Of Configure: what a history that was not asked for begins with.
    std::vector<std::uint32_t> begun_;
    // Candles of instruments whose change has not come yet. A stream that breaks before it brings them again.
    std::map<std::uint32_t, std::vector<std::int64_t>> joining_;
    std::uint64_t position_ = 0;
    std::uint64_t beat_ = 0;
    bool waits_for_history_ = false;
    // Results that the host has not called safe yet.
    std::vector<wire::Result> kept_;
    int since_snapshot_ = 0;
    bool told_of_size_ = false;
};

}  // namespace cross
