namespace Millpond.Engines.Live;

/// <summary>One of the two ways through a <see cref="Relay"/>, or both.</summary>
[Flags]
public enum RelayDirection
{
    /// <summary>What clients send.</summary>
    ToServer = 1,

    /// <summary>What the server sends.</summary>
    ToClient = 2,

    /// <summary>All of it.</summary>
    Both = ToServer | ToClient,
}
