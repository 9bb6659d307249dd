namespace Millpond.Events;

/// <summary>Why an entry left the local tier.</summary>
internal enum EvictionCause
{
    /// <summary>Room was needed.</summary>
    Capacity,

    /// <summary>Its hard time to live or its idle time was over.</summary>
    Expired,

    /// <summary>A change made it stale.</summary>
    Invalidated,

    /// <summary>A newer value took its place.</summary>
    Replaced,
}
