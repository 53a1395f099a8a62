#include "session.h"

#include <algorithm>
#include <cstdio>
#include <sstream>

namespace cross {
namespace {

constexpr char kFormat[] = "cross-cpp/1";
constexpr std::int64_t kMinute = 60'000'000'000;
constexpr std::uint32_t kFinal = 1;

std::map<std::string, std::string> texts(
    const google::protobuf::Map<std::string, std::string>& parameters) {
    return {parameters.begin(), parameters.end()};
}

// What the host refuses anyway is refused here with better words.
Parameters checked(const wire::Configure& configure) {
    if (configure.revision() != 1)
        throw End(grpc::StatusCode::FAILED_PRECONDITION,
                  "revision " + std::to_string(configure.revision()) +
                      " is not spoken here; this server speaks 1");
    if (configure.mode() == wire::Configure::MODE_UNSPECIFIED)
        throw End(grpc::StatusCode::FAILED_PRECONDITION, "Configure.mode is missing");
    try {
        return Parameters::from(texts(configure.parameters()));
    } catch (const BadParameter& bad) {
        throw End(grpc::StatusCode::INVALID_ARGUMENT, bad.what());
    }
}

// FNV-1a: whether bytes are those that were written, not who wrote them.
std::string checksum(const std::string& bytes) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const unsigned char byte : bytes) hash = (hash ^ byte) * 0x100000001b3;
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
    return text;
}

wire::ServerMessage log(wire::Log::Level level, const std::string& text) {
    wire::ServerMessage message;
    message.mutable_log()->set_level(level);
    message.mutable_log()->set_text(text);
    return message;
}

void demand(bool is_so, const std::string& words) {
    if (!is_so) throw End(grpc::StatusCode::INVALID_ARGUMENT, words);
}

}  // namespace

wire::DescribeResponse describe(const wire::DescribeRequest& request, const std::string& instance) {
    Parameters parameters;
    try {
        parameters = Parameters::from(texts(request.parameters()));
    } catch (const BadParameter&) {
        // Describe is answered in any case; Configure refuses.
    }
    wire::DescribeResponse answer;
    answer.set_name(kName);
    answer.set_version(kVersion);
    answer.set_instance_id(instance);
    answer.set_sdk("none, C++");
    answer.mutable_revisions()->set_lowest(1);
    answer.mutable_revisions()->set_highest(1);
    const auto add = [&answer](const char* name, int value, int least, int most, const char* help) {
        auto* parameter = answer.add_parameters();
        parameter->set_name(name);
        parameter->set_type(wire::Parameter::INTEGER);
        parameter->set_default_value(std::to_string(value));
        parameter->set_minimum(std::to_string(least));
        parameter->set_maximum(std::to_string(most));
        parameter->set_help(help);
    };
    const Parameters standard;
    add("fast", standard.fast, Parameters::kFastest, Parameters::kLongestFast,
        "candles in the fast mean");
    add("slow", standard.slow, Parameters::kSlowest, Parameters::kLongestSlow,
        "candles in the slow mean");
    auto* candles = answer.add_inputs();
    candles->set_kind(wire::Input::CANDLES);
    candles->set_interval_ns(kMinute);
    candles->set_warm_up(parameters.length() + 1);
    answer.set_independent_instruments(true);
    answer.set_follows_instruments(true);
    answer.set_keepalive_welcome(true);
    return answer;
}

// MARK: The start

Session::Session(const wire::Configure& configure, std::string instance, int snapshot_every)
    : parameters_(checked(configure)),
      instance_(std::move(instance)),
      snapshot_every_(snapshot_every),
      mode_(configure.mode()),
      parameter_hash_(configure.parameter_hash()),
      account_(configure.account()),
      limits_(configure.limits()),
      epoch_(configure.epoch()) {
    configured(configure);
    for (const auto number : begun_) crosses_[number];
}

void Session::configured(const wire::Configure& configure) {
    begun_.clear();
    for (const auto& instrument : configure.instruments()) begun_.push_back(instrument.number());
}

bool Session::may_go_on(const wire::Configure& configure) const {
    return !waits_for_history_ && mode_ == configure.mode() &&
           parameter_hash_ == configure.parameter_hash() && account_ == configure.account() &&
           position_ <= configure.known();
}

void Session::go_on(const wire::Configure& configure, Answers& answers) {
    epoch_ = configure.epoch();
    limits_ = configure.limits();
    joining_.clear();
    configured(configure);
    ready(answers);
    if (position_ <= configure.watermark()) return;
    std::vector<wire::Result> again;
    std::copy_if(kept_.begin(), kept_.end(), std::back_inserter(again),
                 [&](const auto& each) { return each.position() > configure.watermark(); });
    answer(std::move(again), answers);
}

void Session::begin(const wire::Configure& configure,
                    const std::vector<wire::SnapshotPart>& snapshot, Answers& answers) {
    if (!snapshot.empty()) {
        try {
            restore(snapshot);
            return ready(answers);
        } catch (const std::invalid_argument& reason) {
            answers.push_back(log(wire::Log::WARNING,
                                  std::string("the snapshot is not used: ") + reason.what()));
        }
    }
    if (mode_ == wire::Configure::BACKTEST) return ready(answers);
    waits_for_history_ = true;
    position_ = configure.watermark();
    ready(answers, true);
}

void Session::ready(Answers& answers, bool needs_warm_up) const {
    auto* ready = answers.emplace_back().mutable_ready();
    ready->set_epoch(epoch_);
    ready->set_instance_id(instance_);
    ready->set_version(kVersion);
    if (needs_warm_up)
        ready->set_needs_warm_up(true);
    else
        ready->set_after(position_);
}

// MARK: Messages

bool Session::take(const wire::HostMessage& message, Answers& answers) {
    switch (message.message_case()) {
        case wire::HostMessage::kEvents:
            events(message.events(), answers);
            return true;
        case wire::HostMessage::kWarmUp:
            warm_up(message.warm_up(), answers);
            return true;
        case wire::HostMessage::kBeat:
            beat_ = std::max<std::uint64_t>(beat_, message.beat().number());
            answer({}, answers);
            return true;
        case wire::HostMessage::kAcknowledged: {
            const auto safe = message.acknowledged().position();
            kept_.erase(std::remove_if(kept_.begin(), kept_.end(),
                                       [safe](const auto& each) { return each.position() <= safe; }),
                        kept_.end());
            return true;
        }
        case wire::HostMessage::kDrain:
            answers.emplace_back().mutable_drained()->set_position(position_);
            return false;
        case wire::HostMessage::kConfigure:
            throw End(grpc::StatusCode::FAILED_PRECONDITION, "a second Configure");
        case wire::HostMessage::kSnapshot:
            throw End(grpc::StatusCode::FAILED_PRECONDITION,
                      "a SnapshotPart that Configure did not announce");
        case wire::HostMessage::kSkipped:              // what was left out were no candles
        case wire::HostMessage::MESSAGE_NOT_SET:       // a kind that this build does not know
            return true;
    }
    return true;
}

void Session::events(const wire::Events& events, Answers& answers) {
    if (waits_for_history_)
        throw End(grpc::StatusCode::FAILED_PRECONDITION, "events before the end of the warm-up");
    if (events.previous() != position_)
        throw End(grpc::StatusCode::FAILED_PRECONDITION,
                  "events follow " + std::to_string(events.previous()) +
                      ", this server stands at " + std::to_string(position_));
    check(events);
    auto results = judge(events);
    kept_.insert(kept_.end(), results.begin(), results.end());
    answer(std::move(results), answers);
    since_snapshot_ += static_cast<int>(events.count());
    if (snapshot_every_ > 0 && since_snapshot_ >= snapshot_every_) snapshot(answers);
}

void Session::warm_up(const wire::WarmUp& part, Answers& answers) {
    if (part.instruments_size() > 0) {
        // Of instruments about to join: it counts with the change that follows, and is not answered.
        std::set<std::uint32_t> numbers;
        for (const auto& instrument : part.instruments()) numbers.insert(instrument.number());
        check(part.events(), numbers);
        const auto& candles = part.events().candles();
        for (int row = 0; row < candles.offset_size(); ++row)
            if ((candles.flags(row) & kFinal) != 0 && candles.interval(row) == kMinute)
                joining_[candles.instrument(row)].push_back(candles.close(row));
        return;
    }
    if (!waits_for_history_) {
        // Not asked for: candles that this server needs are out of reach, so it begins anew.
        waits_for_history_ = true;
        kept_.clear();
        joining_.clear();
        crosses_.clear();
        for (const auto number : begun_) crosses_[number];
    }
    check(part.events());
    judge(part.events());
    if (!part.last()) return;
    waits_for_history_ = false;
    position_ = part.position();
    ready(answers);
}

void Session::check(const wire::Events& events, const std::set<std::uint32_t>& joining) const {
    // Candles alone were asked for: rows of another kind would be missing in this count.
    const auto& candles = events.candles();
    const auto& changes = events.instrument_changes();
    const int rows = candles.offset_size();
    demand(rows + changes.offset_size() == static_cast<int>(events.count()),
           "count says " + std::to_string(events.count()) + ", the candles have " +
               std::to_string(rows) + " rows and the changes " +
               std::to_string(changes.offset_size()));
    for (const int size : {changes.added_size(), changes.instruments_size()})
        demand(size == changes.offset_size(), "a column of the changes has " +
                                                  std::to_string(size) + " rows of " +
                                                  std::to_string(changes.offset_size()));
    for (int row = 1; row < changes.offset_size(); ++row)
        demand(changes.offset(row - 1) < changes.offset(row), "offsets do not rise");
    for (const int size :
         {candles.interval_size(), candles.open_time_size(), candles.close_time_size(),
          candles.entry_time_size(), candles.instrument_size(), candles.open_size(),
          candles.high_size(), candles.low_size(), candles.close_size(), candles.volume_size(),
          candles.flags_size()})
        demand(size == rows, "a column has " + std::to_string(size) + " rows of " +
                                 std::to_string(rows));
    demand(candles.volume_high_size() == rows || candles.volume_high_size() == 0,
           "volume_high is neither empty nor whole");
    for (int row = 1; row < rows; ++row)
        demand(candles.offset(row - 1) < candles.offset(row), "offsets do not rise");
    // The list as it is at each row.
    std::set<std::uint32_t> numbers = joining;
    if (joining.empty())
        for (const auto& [number, cross] : crosses_) numbers.insert(number);
    for (int row = 0, next = 0; row < rows; ++row) {
        for (; next < changes.offset_size() && changes.offset(next) <= candles.offset(row); ++next) {
            demand(changes.offset(next) != candles.offset(row), "two events share a position");
            if (changes.added(next))
                numbers.insert(changes.instruments(next).number());
            else
                numbers.erase(changes.instruments(next).number());
        }
        const auto number = candles.instrument(row);
        demand(numbers.count(number) == 1,
               "instrument " + std::to_string(number) + " is not in the session");
    }
}

std::vector<wire::Result> Session::judge(const wire::Events& events) {
    // A server of several inputs would merge their rows by offset here, as it is done with the changes.
    const auto& candles = events.candles();
    const auto& changes = events.instrument_changes();
    std::vector<wire::Result> results;
    for (int row = 0, next = 0; row < candles.offset_size() || next < changes.offset_size();) {
        if (next < changes.offset_size() &&
            (row == candles.offset_size() || changes.offset(next) < candles.offset(row))) {
            position_ = events.previous() + changes.offset(next);
            change(changes, next++);
            continue;
        }
        const int at = row++;
        position_ = events.previous() + candles.offset(at);
        if ((candles.flags(at) & kFinal) == 0 || candles.interval(at) != kMinute) continue;
        const auto number = candles.instrument(at);
        const auto signal = crosses_.at(number).close(candles.close(at), parameters_);
        if (signal == Signal::kNone) continue;
        const bool buys = signal == Signal::kBuy;
        auto& result = results.emplace_back();
        result.set_position(position_);
        result.set_instrument(number);
        result.set_action(buys ? wire::Result::BUY : wire::Result::SELL);
        result.set_confidence(buys ? 700'000 : 1'000'000);
        result.add_reasons(buys ? "fast over slow" : "fast under slow");
    }
    return results;
}

void Session::change(const wire::InstrumentChanges& changes, int row) {
    const auto number = changes.instruments(row).number();
    if (!changes.added(row)) {
        crosses_.erase(number);
        return;
    }
    auto [found, is_new] = crosses_.try_emplace(number);
    if (is_new)
        for (const auto close : joining_[number]) found->second.close(close, parameters_);
    joining_.erase(number);
}

void Session::answer(std::vector<wire::Result> results, Answers& answers) const {
    auto* message = answers.emplace_back().mutable_results();
    for (auto& result : results) *message->add_results() = std::move(result);
    message->set_watermark(position_);
    message->set_beat(beat_);
}

// MARK: Snapshots

std::string Session::signature() const {
    return std::string(kVersion) + '\n' + parameter_hash_ + '\n' + account_ + '\n' +
           std::to_string(mode_) + '\n';
}

void Session::snapshot(Answers& answers) {
    since_snapshot_ = 0;
    std::string body = signature();
    for (const auto& [number, cross] : crosses_)
        body += std::to_string(number) + ' ' + cross.save() + '\n';
    const std::string data = checksum(body) + '\n' + body;
    if (data.size() > limits_.snapshot_bytes()) {
        if (!told_of_size_ && limits_.snapshot_bytes() > 0)
            answers.push_back(log(wire::Log::WARNING, "the state is too large for a snapshot"));
        told_of_size_ = true;
        return;
    }
    // Leaves room for the rest of the message.
    const std::size_t most = std::min<std::size_t>(1 << 20, limits_.message_bytes()) - 1024;
    for (std::size_t start = 0, number = 0; start < data.size(); start += most, ++number) {
        auto* part = answers.emplace_back().mutable_snapshot();
        part->set_position(position_);
        part->set_format(kFormat);
        part->set_part(static_cast<std::uint32_t>(number));
        part->set_last(start + most >= data.size());
        part->set_data(data.substr(start, most));
    }
}

void Session::restore(const std::vector<wire::SnapshotPart>& parts) {
    std::string data;
    for (const auto& part : parts) {
        if (part.format() != kFormat) throw std::invalid_argument("another format");
        data += part.data();
    }
    const auto end = data.find('\n');
    if (end == std::string::npos || checksum(data.substr(end + 1)) != data.substr(0, end))
        throw std::invalid_argument("it is damaged");
    const std::string body = data.substr(end + 1);
    if (body.compare(0, signature().size(), signature()) != 0)
        throw std::invalid_argument("it is of another version, mode, account or parameters");
    std::map<std::uint32_t, Cross> crosses;
    std::istringstream lines(body.substr(signature().size()));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::uint32_t number = 0;
        if (!(words >> number)) throw std::invalid_argument("a line has no number");
        std::string rest;
        std::getline(words, rest);
        crosses[number] = Cross::restored(rest, parameters_);
    }
    crosses_ = std::move(crosses);
    position_ = parts.back().position();
}

}  // namespace cross
