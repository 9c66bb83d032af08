//! The dimensions that the vendor's definitions publish, each list a text of words. What the simulator does not have of
//! them is nowhere there; what is not in the list is refused.

/// Of a conversation.
pub(super) const CONVERSATION: &str = "accessAttribute conversationEnd conversationId conversationInitiator conversationStart customerParticipation \
    divisionId externalTag mediaStatsMinConversationMos originatingDirection originatingSocialMediaPublic";

/// Of its segments.
pub(super) const SEGMENT: &str = "addressFrom addressTo agentAssistantId agentOwned ani authenticated bargedParticipantId callbackNumber \
    callbackScheduledTime canonicalExternalContactId cleared coachedParticipantId conference deliveryPushed \
    deliveryStatus destinationAddress destinationConversationId detectedSpeechEnd detectedSpeechStart direction \
    disconnectType dnis edgeId engagementSource errorCode exitReason extendedDeliveryStatus externalContactId \
    externalOrganizationId flaggedReason flowId flowName flowOutType flowOutcome flowOutcomeId flowOutcomeValue \
    flowVersion groupId journeyActionId journeyActionMapId journeyCustomerId journeyCustomerIdType \
    journeyCustomerSessionId mediaCount mediaType messageType monitoredParticipantId outboundCampaignId \
    outboundContactId outboundContactListId participantName protocolCallId provider purpose queueId recording \
    remote remoteNameDisplayable requestedLanguageId requestedRouting requestedRoutingSkillId scoredAgentId \
    screenMonitoredUserId screenRecording scriptId segmentEnd segmentType sessionDnis sipResponseCode \
    skillExpressionId snippetRecording subject teamId transferTargetAddress transferTargetName transferType \
    usedRouting userId wrapUpCode wrapUpNote";

/// Of what goes on, to filter and to group by.
pub(super) const ACTIVITY: &str = "activeRouting addressFrom addressTo agentScore ani conversationId convertedFrom convertedTo direction dnis \
    mediaType participantName queueId requestedLanguageId requestedRouting requestedRoutingSkillId routingPriority \
    scoredAgentId sessionId teamId usedRouting userId";

/// Whether a list has a word.
pub(super) fn has(list: &str, word: &str) -> bool {
    list.split(' ').any(|known| known == word)
}
