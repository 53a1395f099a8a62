import Synchronization

/// A number that several threads read.
final class Counter: Sendable {
    private let atomic = Atomic<UInt64>(0)
    var value: UInt64 { atomic.load(ordering: .acquiring) }
    func next() -> UInt64 { atomic.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue }
    func set(_ value: UInt64) { atomic.store(value, ordering: .releasing) }
}
