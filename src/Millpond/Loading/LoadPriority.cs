namespace Millpond.Loading;

/// <summary>Who a load is for, and so who goes first where not all can be let to the source at once.</summary>
internal enum LoadPriority
{
    /// <summary>Callers wait for it.</summary>
    Interactive,

    /// <summary>It renews what is still being served.</summary>
    Refresh,

    /// <summary>It fetches ahead of any demand.</summary>
    WarmUp,
}
