/// A bounded hand-over from any thread to one reading thread, in the order of the offers.
///
/// For a reader that is a thread and may block, such as the host's loop; tasks read an
/// `AsyncStream`. The slots are allocated once: an offer and a take allocate nothing beyond the
/// returned array.
public final class Mailbox<Element: Sendable> {
    public enum Offer: Hashable, Sendable {
        case taken
        /// No room, or others wait for the room there is. The element was not kept.
        case full
        /// The mailbox was closed. The element was not kept.
        case closed
    }

    public let capacity: Int
    @usableFromInline let monitor = Monitor()
    @usableFromInline let doorbell: Doorbell?
    // Below: only with the monitor locked.
    @usableFromInline let slots: UnsafeMutablePointer<Element>
    @usableFromInline var head = 0
    @usableFromInline var count = 0
    @usableFromInline var closed = false
    @usableFromInline var readerWaits = false
    @usableFromInline var nextTicket: UInt64 = 0
    @usableFromInline var servedTicket: UInt64 = 0

    /// - Parameters:
    ///   - capacity: Elements held at most, at least 1; past that `offer` refuses, `offerWaiting`
    ///     waits.
    ///   - doorbell: Rung after each element and at the close, for a reader of several mailboxes.
    @inlinable public init(capacity: Int, doorbell: Doorbell? = nil) {
        precondition(capacity > 0, "a mailbox needs room for one element")
        self.capacity = capacity
        self.doorbell = doorbell
        slots = .allocate(capacity: capacity)
    }

    @inlinable deinit {
        for index in 0..<count { (slots + (head + index) % capacity).deinitialize(count: 1) }
        slots.deallocate()
    }

    /// Hands the element over if there is room. Never blocks for longer than the lock. Any thread.
    @inlinable public func offer(_ element: Element) -> Offer {
        monitor.lock()
        if closed {
            monitor.unlock()
            return .closed
        }
        if count == capacity || nextTicket != servedTicket {
            monitor.unlock()
            return .full
        }
        put(element)
        monitor.unlock()
        doorbell?.ring()
        return .taken
    }

    /// Hands the element over, blocking until there is room; waiting threads are served in their
    /// order.
    ///
    /// - Returns: `taken`, or `closed` when the mailbox is or gets closed. Never `full`.
    @inlinable public func offerWaiting(_ element: Element) -> Offer {
        monitor.lock()
        let ticket = nextTicket
        nextTicket += 1
        while !closed && (count == capacity || servedTicket != ticket) { monitor.waitWritable() }
        if closed {
            monitor.unlock()
            return .closed
        }
        servedTicket += 1
        put(element)
        // The next in line may have room too, and nobody else would tell it.
        if nextTicket != servedTicket && count < capacity { monitor.wakeWriters() }
        monitor.unlock()
        doorbell?.ring()
        return .taken
    }

    /// Takes up to `max` elements, blocking while there is none. One thread only.
    ///
    /// - Parameter deadline: Monotonic ns of ``HostClock``; `nil` waits for ever, 0 does not wait.
    /// - Returns: Empty when the deadline has passed, or when the mailbox is closed and drained:
    ///   see ``isDrained``.
    @inlinable public func take(max: Int = .max, until deadline: Int64? = nil) -> [Element] {
        var elements: [Element] = []
        _ = take(into: &elements, max: max, until: deadline)
        return elements
    }

    /// As `take(max:until:)`, appending to a buffer that the reader keeps.
    ///
    /// - Returns: False when the mailbox is closed and drained: nothing will ever come.
    @inlinable public func take(
        into elements: inout [Element], max: Int = .max, until deadline: Int64? = nil
    ) -> Bool {
        monitor.lock()
        while count == 0 && !closed {
            readerWaits = true
            let isInTime = monitor.waitReadable(until: deadline)
            readerWaits = false
            if !isInTime { break }
        }
        let taken = Swift.min(count, Swift.max(max, 0))
        if taken > 0 {
            elements.reserveCapacity(elements.count + taken)
            for _ in 0..<taken {
                elements.append((slots + head).move())
                head += 1
                if head == capacity { head = 0 }
            }
            count -= taken
            if nextTicket != servedTicket { monitor.wakeWriters() }
        }
        let mayCome = !closed || count > 0 || taken > 0
        monitor.unlock()
        return mayCome
    }

    /// Refuses further offers and lets waiting ones go; what was taken can still be read. Any
    /// thread.
    @inlinable public func close() {
        monitor.lock()
        closed = true
        monitor.wakeAll()
        monitor.unlock()
        doorbell?.ring()
    }

    /// Whether it is closed and everything has been read.
    @inlinable public var isDrained: Bool {
        monitor.lock()
        defer { monitor.unlock() }
        return closed && count == 0
    }

    /// Elements waiting now.
    @inlinable public var waiting: Int {
        monitor.lock()
        defer { monitor.unlock() }
        return count
    }

    @inlinable func put(_ element: Element) {
        var tail = head + count
        if tail >= capacity { tail -= capacity }
        (slots + tail).initialize(to: element)
        count += 1
        if readerWaits { monitor.wakeReader() }
    }
}

// Safe because every access to the mutable fields and the slots happens with the monitor locked.
extension Mailbox: @unchecked Sendable {}
