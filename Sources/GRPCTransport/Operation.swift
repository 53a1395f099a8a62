import CGRPC

/// What an event of the completion queue ends; it travels in the low bits of the tag.
enum Operation: UInt {
    /// The stream is over.
    case status = 0
    case headers = 1
    case send = 2
    case sendClose = 3
    case receive = 4
    case watch = 5
    case wake = 6
    /// A call of one request and one reply is over: everything at once.
    case unary = 7
}

/// Whoever starts operations and hears of their end.
///
/// A tag is a retained pointer to the owner: retained when an operation is started, taken back by
/// the poller with its event, exactly once. While C holds a tag its owner lives, and with it all memory
/// that the operation writes to.
class OperationOwner: @unchecked Sendable {
    // Safe because the class holds nothing; subclasses say what protects their state.

    /// Called on the queue's thread. `ok` is false when the operation did not take place.
    func completed(_ operation: Operation, ok: Bool) {
        preconditionFailure("an owner must hear of its operations")
    }

    /// The tag for an operation about to start; whoever asks for it owes one event or `withdraw`.
    final func tag(_ operation: Operation) -> UnsafeMutableRawPointer {
        // Objects lie at multiples of 16, so that the three low bits are free.
        let object = Unmanaged.passRetained(self).toOpaque()
        host_grpc_hands_over(object)
        return object + Int(operation.rawValue)
    }

    /// The core refused the operation: no event will ever carry its tag.
    final func withdraw() { Unmanaged.passUnretained(self).release() }

    /// Tells the owner in an event's tag, and takes the tag's retain.
    static func complete(_ event: grpc_event) {
        guard let tag = event.tag else { return }
        let bits = UInt(bitPattern: tag)
        guard let operation = Operation(rawValue: bits & 7),
            let object = UnsafeMutableRawPointer(bitPattern: bits & ~7)
        else { preconditionFailure("a tag that this room did not make") }
        host_grpc_takes_over(object)
        let owner = Unmanaged<OperationOwner>.fromOpaque(object).takeRetainedValue()
        owner.completed(operation, ok: event.success != 0)
    }
}
