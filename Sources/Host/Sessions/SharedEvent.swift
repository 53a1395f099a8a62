package import Ports

/// An event that many sessions keep, in one place for all of them.
package final class SharedEvent: Sendable {
    package let event: SessionEvent
    package init(_ event: SessionEvent) { self.event = event }
}
