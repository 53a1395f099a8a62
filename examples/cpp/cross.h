// The rule alone: no word of gRPC, of the contract, or of a clock.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <stdexcept>
#include <string>

namespace cross {

// A parameter that the host sent cannot be followed; the words are for people.
struct BadParameter : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Candles in the two means.
struct Parameters {
    static constexpr int kFastest = 1, kLongestFast = 500, kSlowest = 2, kLongestSlow = 1000;
    int fast = 20;
    int slow = 60;

    // Throws BadParameter for a name that there is not, and for what is no number in range.
    static Parameters from(const std::map<std::string, std::string>& texts);

    // How many closes both means hold.
    int length() const { return fast > slow ? fast : slow; }
};

enum class Signal { kNone, kBuy, kSell };

// Two means over the closes of one instrument. Sums are whole numbers, so nothing is rounded and the
// same closes give the same signals on every machine.
class Cross {
  public:
    // Takes the next close, an integer at 10^-8. Tells when the means have crossed with it.
    Signal close(std::int64_t price, const Parameters& parameters);

    // The state as words between blanks, and back. Throws std::invalid_argument where the words are
    // no state under these parameters.
    std::string save() const;
    static Cross restored(const std::string& words, const Parameters& parameters);

  private:
    int sign(const Parameters& parameters) const;

    // The newest last, as many as the longer mean holds.
    std::deque<std::int64_t> closes_;
    // 2^63 times 1000 needs more than 64 bits.
    __int128 fast_sum_ = 0, slow_sum_ = 0;
    // Of the fast mean less the slow one, as of the newest close: -1, 0, 1; kUnknown until both are
    // full.
    static constexpr int kUnknown = 2;
    int before_ = kUnknown;
};

}  // namespace cross
