using Millpond.Redis.Layout;
using Millpond.Shared;

namespace Millpond.Redis;

/// <summary>The last control reply, for as long as the control record stays what it was.</summary>
internal sealed class KnownControl(ControlImage control, ControlReply full, long readAt)
{
    // Control record, floors and log are kept for 30 days after the last step that read or wrote them.
    private const long GoodForTicks = TimeSpan.TicksPerHour;

    public ControlImage Control => control;

    /// <summary>The answer to whoever knows all changes.</summary>
    public ControlReply Reply { get; } = new() { State = full.State, KeyspaceFloor = full.KeyspaceFloor, Floors = full.Floors, ChangesSince = [] };

    public bool Answers(long since, Incarnation incarnation, long now) =>
        since == control.State.Sequence && incarnation == control.State.Incarnation && now - readAt < GoodForTicks;
}
