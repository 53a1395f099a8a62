#include "cross.h"

#include <charconv>
#include <sstream>

namespace cross {
namespace {

int number(const std::string& name, const std::string& text, int least, int most) {
    const char* first = text.data();
    const char* last = first + text.size();
    if (first != last && *first == '+') ++first;
    int value = 0;
    auto [end, error] = std::from_chars(first, last, value);
    bool is_out = error == std::errc::result_out_of_range;
    if (!is_out && (error != std::errc() || end != last))
        throw BadParameter(name + ": '" + text + "' is no whole number");
    if (is_out || value < least || value > most)
        throw BadParameter(name + ": " + text + " is not " + std::to_string(least) + " to " +
                           std::to_string(most));
    return value;
}

}  // namespace

Parameters Parameters::from(const std::map<std::string, std::string>& texts) {
    Parameters parameters;
    for (const auto& [name, text] : texts) {
        if (name == "fast")
            parameters.fast = number(name, text, kFastest, kLongestFast);
        else if (name == "slow")
            parameters.slow = number(name, text, kSlowest, kLongestSlow);
        else
            throw BadParameter("there is no parameter '" + name + "'; there are: fast, slow");
    }
    return parameters;
}

Signal Cross::close(std::int64_t price, const Parameters& parameters) {
    closes_.push_back(price);
    fast_sum_ += price;
    slow_sum_ += price;
    const auto count = static_cast<int>(closes_.size());
    if (count > parameters.fast) fast_sum_ -= closes_[count - 1 - parameters.fast];
    if (count > parameters.slow) slow_sum_ -= closes_[count - 1 - parameters.slow];
    if (count > parameters.length()) closes_.pop_front();
    if (count < parameters.length()) return Signal::kNone;
    const int before = before_;
    before_ = sign(parameters);
    if (before == kUnknown) return Signal::kNone;
    if (before_ > 0 && before <= 0) return Signal::kBuy;
    if (before_ < 0 && before >= 0) return Signal::kSell;
    return Signal::kNone;
}

int Cross::sign(const Parameters& parameters) const {
    // fast_sum / fast against slow_sum / slow, without dividing.
    const __int128 difference = fast_sum_ * parameters.slow - slow_sum_ * parameters.fast;
    return difference > 0 ? 1 : difference < 0 ? -1 : 0;
}

std::string Cross::save() const {
    std::ostringstream words;
    for (const auto close : closes_) words << ' ' << close;
    return words.str();
}

Cross Cross::restored(const std::string& words, const Parameters& parameters) {
    // Sums and sign follow from the closes that both means hold.
    Cross cross;
    std::istringstream text(words);
    std::int64_t close = 0;
    while (text >> close) cross.close(close, parameters);
    if (!text.eof()) throw std::invalid_argument("a close is no number");
    return cross;
}

}  // namespace cross
