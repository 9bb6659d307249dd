namespace Millpond.Events;

/// <summary>Who caused a change, as far as this process can tell.</summary>
internal enum ChangeOrigin
{
    /// <summary>A call of this process's own code, or one of its writes.</summary>
    Made,

    /// <summary>Anybody: it came by push. A process hears its own changes too.</summary>
    Heard,

    /// <summary>A change feed that this process follows.</summary>
    Feed,

    /// <summary>A purge: somebody outside, who knows the keyspace by name.</summary>
    Purge,
}
