package hub

func exportJob(container string) string {
	return `<entry xmlns="http://www.w3.org/2005/Atom"><content type="application/xml"><NotificationHubJob xmlns="http://schemas.microsoft.com/netservices/2010/10/servicebus/connect" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Type>ExportRegistrations</Type><OutputContainerUri><![CDATA[` + container + `]]></OutputContainerUri></NotificationHubJob></content></entry>`
}
