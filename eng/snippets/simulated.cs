using Millpond;
using Millpond.Shared.InProcess;
using Millpond.Testing.Conformance;
using Millpond.Testing.Faults;
using Millpond.Testing.Time;
