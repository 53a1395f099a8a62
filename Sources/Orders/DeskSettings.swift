import Ports
package import TradingModel

/// How patient a desk is. Every number is a setting; these are what brokers need.
package struct DeskSettings: Hashable, Sendable {
    package struct Limits: Hashable, Sendable {
        package var order = BrokerLimits.order
        package var question = BrokerLimits.question
        package var heartbeat = BrokerLimits.heartbeat
        /// Past a call's limit by this, the desk gives it up by itself.
        package var grace = Nanoseconds.seconds(2)
        package init() {}
    }
    package var limits = Limits()
    /// R8.4: tries after the first, of what was certainly not accepted.
    package var retries = 3
    /// Of orders, cancels and questions: doubled each time up to the longest, with jitter.
    package var firstWait = Nanoseconds.milliseconds(500)
    package var longestWait = Nanoseconds.seconds(30)
    /// An order in doubt was not accepted when the broker said so this often, over at least this long. A fill
    /// that lists lack so often, over so long, is booked from the order's total.
    package var polls = 3
    package var pollsOver = Nanoseconds.seconds(10)
    /// Questions for single orders under way at once, at least 1. What is to be asked beyond them is asked for together, by
    /// one list: behind a kill of many orders each end has its total asked for, at the limit that the cancels use up.
    package var questionsAtOnce = 8
    /// How far the broker's clock may be from ours, for orders that are found by what they look like.
    package var clockSkew = Nanoseconds.seconds(5)
    /// A cancel that was taken and brought no end is looked at after this, and asked for again.
    package var cancelPatience = Nanoseconds.seconds(5)
    /// Holdings and cash are asked for so often, beside the start and whatever goes wrong; `nil`: then alone.
    package var reconcileEvery: Nanoseconds?
    /// Where they are asked for: what opens waits at a start for the first comparison, see ``StartHold``.
    package var comparesAtStart = true
    /// Cash that differs by no more is no difference: fees that are known by totals are estimated.
    package var cashTolerance = Money.zero
    package var heartbeatEvery = Nanoseconds.seconds(15)
    /// Failed ones in a row that make the broker down.
    package var heartbeatsLost = 3
    package var escalation = Escalation.Limits()
    /// Of a fill that is known by its total only; at 10⁻⁶ of a basis point.
    package var feeMicroBasisPoints: Int64 = 0
    /// Likewise of a sale, beside that.
    package var sellTaxMicroBasisPoints: Int64 = 0
    /// Jitter differs from host to host, and is the same in a replay.
    package var seed: UInt64 = 0
    package init() {}
}
