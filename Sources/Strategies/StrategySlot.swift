public import Indicators
public import TradingModel

/// A strategy at its place in a kernel: one owner, never copied.
///
/// Each kind has calls made for it, over a pointer to its state: an `any Strategy` asks at every
/// event whether it is shared, and hands back a whole result to say that there is none.
public final class StrategySlot {
    /// Feeds a state an event; whether something is triggered, and what.
    public typealias Call<Event> = (UnsafeMutableRawPointer, Event, inout StrategyResult?) -> Bool

    /// How a strategy hears ticks that fires at crossings alone.
    public struct Trigger {
        let offset: Int
        let onCrossing: (UnsafeMutableRawPointer, Crossing.Direction) -> StrategyResult?
        /// - Parameters:
        ///   - offset: Of the means in the strategy's state.
        ///   - onCrossing: Given the state; what the strategy says.
        public init(
            offset: Int,
            onCrossing: @escaping (UnsafeMutableRawPointer, Crossing.Direction) -> StrategyResult?
        ) {
            self.offset = offset
            self.onCrossing = onCrossing
        }
    }

    public let state: UnsafeMutableRawPointer
    /// Means within the state, if all that a tick does is to push its price there: then no call is needed.
    public let means: UnsafeMutablePointer<MeanCross>?
    /// What the strategy says to a crossing of ``means``.
    public let onCrossing: ((UnsafeMutableRawPointer, Crossing.Direction) -> StrategyResult?)?
    public let onTick: Call<Tick>
    public let onCandle: Call<Candle>
    private let copy: (UnsafeMutableRawPointer) -> any Strategy
    private let combine: (UnsafeMutableRawPointer, inout StateHasher) -> Void
    private let destroy: (UnsafeMutableRawPointer) -> Void

    /// - Parameter state: Allocated and initialized; `destroy` ends both.
    @usableFromInline init(
        _ state: UnsafeMutableRawPointer, trigger: Trigger?, onTick: @escaping Call<Tick>,
        onCandle: @escaping Call<Candle>,
        copy: @escaping (UnsafeMutableRawPointer) -> any Strategy,
        hash: @escaping (UnsafeMutableRawPointer, inout StateHasher) -> Void,
        destroy: @escaping (UnsafeMutableRawPointer) -> Void
    ) {
        self.state = state
        means = trigger.map { (state + $0.offset).assumingMemoryBound(to: MeanCross.self) }
        onCrossing = trigger?.onCrossing
        self.onTick = onTick
        self.onCandle = onCandle
        self.copy = copy
        combine = hash
        self.destroy = destroy
    }
    deinit { destroy(state) }

    /// The strategy as it stands, made anew at each call.
    public var value: any Strategy { copy(state) }

    /// Puts in everything that future results depend on.
    public func hash(into hasher: inout StateHasher) { combine(state, &hasher) }
}

extension Strategy {
    /// A slot with a copy of this strategy.
    // Inlinable, so that the calls are made for each kind in whatever room it stands.
    @inlinable public func slot() -> StrategySlot { ownSlot() }

    /// - Parameter trigger: For a strategy that fires at crossings alone.
    @inlinable public func ownSlot(_ trigger: StrategySlot.Trigger? = nil) -> StrategySlot {
        let state = UnsafeMutablePointer<Self>.allocate(capacity: 1)
        state.initialize(to: self)
        return StrategySlot(
            state, trigger: trigger,
            onTick: { state, tick, result in
                guard let one = state.assumingMemoryBound(to: Self.self).pointee.onTick(tick)
                else { return false }
                result = one
                return true
            },
            onCandle: { state, candle, result in
                guard let one = state.assumingMemoryBound(to: Self.self).pointee.onCandle(candle)
                else { return false }
                result = one
                return true
            },
            copy: { $0.assumingMemoryBound(to: Self.self).pointee },
            hash: { $0.assumingMemoryBound(to: Self.self).pointee.hash(into: &$1) },
            destroy: { state in
                state.assumingMemoryBound(to: Self.self).deinitialize(count: 1)
                state.deallocate()
            })
    }
}
