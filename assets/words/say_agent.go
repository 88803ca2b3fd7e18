// Code generated from en.toml by go generate; DO NOT EDIT.

package words

// AgentNotStarted says: It could not be started. Run securepush doctor to see why.
func (w *Words) AgentNotStarted() string { return w.say("agent.not_started") }

// AgentStart says: Start
func (w *Words) AgentStart() string { return w.say("agent.start") }

// AgentStarting says: Starting…
func (w *Words) AgentStarting() string { return w.say("agent.starting") }

// AgentText says: It listens for notifications in the background. Without it none arrive.
func (w *Words) AgentText() string { return w.say("agent.text") }

// AgentTitle says: The agent is not running
func (w *Words) AgentTitle() string { return w.say("agent.title") }
