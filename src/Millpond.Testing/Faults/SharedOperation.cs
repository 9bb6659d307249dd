using Millpond.Shared;

namespace Millpond.Testing.Faults;

/// <summary>The operations of <see cref="ISharedTier"/>.</summary>
public enum SharedOperation
{
    /// <summary><see cref="ISharedTier.ConnectAsync"/>.</summary>
    Connect,

    /// <summary><see cref="ISharedTier.ReadAsync"/>.</summary>
    Read,

    /// <summary><see cref="ISharedTier.ReadManyAsync"/>.</summary>
    ReadMany,

    /// <summary><see cref="ISharedTier.AcquireAsync"/>.</summary>
    Acquire,

    /// <summary><see cref="ISharedTier.FillAsync"/>.</summary>
    Fill,

    /// <summary><see cref="ISharedTier.FillManyAsync"/>.</summary>
    FillMany,

    /// <summary><see cref="ISharedTier.PutAsync"/>.</summary>
    Put,

    /// <summary><see cref="ISharedTier.ReleaseAsync"/>.</summary>
    Release,

    /// <summary><see cref="ISharedTier.ChangeAsync"/>.</summary>
    Change,

    /// <summary><see cref="ISharedTier.ReadControlAsync"/>; also the heartbeat.</summary>
    ReadControl,

    /// <summary><see cref="ISharedTier.WaitAsync"/>.</summary>
    Wait,

    /// <summary><see cref="ISharedTier.CountAsync"/>.</summary>
    Count,

    /// <summary><see cref="ISharedTier.SubscribeAsync"/>.</summary>
    Subscribe,
}

/// <summary>Where in an operation a fault strikes.</summary>
public enum FaultPoint
{
    /// <summary>The request is under way: the tier has not done anything yet.</summary>
    BeforeEffect,

    /// <summary>The reply is under way: the tier has done it, and the caller does not know.</summary>
    AfterEffect,
}
